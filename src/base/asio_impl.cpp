// The one unit that carries Asio's compiled parts (see BOOST_ASIO_SEPARATE_COMPILATION in cmake/berth.cmake).
#include <boost/asio/impl/src.hpp>
