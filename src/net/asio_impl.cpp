// The one unit that carries Asio's and Beast's compiled parts (see *_SEPARATE_COMPILATION in cmake/berth.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
