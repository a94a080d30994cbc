// The one unit that carries the compiled parts of Asio's TLS.
#include <boost/asio/ssl/impl/src.hpp>
