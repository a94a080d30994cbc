#include "net/http/tls.h"

#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/http/tls_context.h"

namespace berth::http {
namespace {

std::string openssl_reason() {
    std::array<char, 256> text{};
    unsigned long code = ERR_get_error();
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return code == 0 ? "" : text.data();
}

Result<int> version_number(std::string_view name) {
    if (name == "tls10") return TLS1_VERSION;
    if (name == "tls11") return TLS1_1_VERSION;
    if (name == "tls12") return TLS1_2_VERSION;
    if (name == "tls13") return TLS1_3_VERSION;
    return invalid_argument("the minimum TLS version must be tls10, tls11, tls12 or tls13",
                            std::string(name));
}

int accept_any_certificate(int, X509_STORE_CTX*) { return 1; }

Result<void> set_client_auth(SSL_CTX* context, const TlsOptions& options) {
    struct Row {
        std::string_view name;
        int mode;
        bool verify;
    };
    static constexpr std::array<Row, 5> rows{
        {{"none", SSL_VERIFY_NONE, false},
         {"request", SSL_VERIFY_PEER, false},
         {"require-any", SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, false},
         {"verify-if-given", SSL_VERIFY_PEER, true},
         {"require-and-verify", SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, true}}};
    for (const Row& row : rows) {
        if (row.name != options.client_auth) continue;
        if (row.verify && options.client_ca_file.empty())
            return invalid_argument("verifying clients needs the file of their certificate authorities");
        SSL_CTX_set_verify(context, row.mode,
                           row.verify || row.mode == SSL_VERIFY_NONE ? nullptr : accept_any_certificate);
        if (row.mode == SSL_VERIFY_NONE || options.client_ca_file.empty()) return {};
        // Sessions are resumed only within one configuration.
        SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("berth"), 5);
        if (SSL_CTX_load_verify_locations(context, options.client_ca_file.c_str(), nullptr) != 1)
            return invalid_argument(
                "the clients' certificate authorities cannot be read: " + options.client_ca_file,
                openssl_reason());
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(options.client_ca_file.c_str()));
        return {};
    }
    return invalid_argument(
        "client authentication must be none, request, require-any, verify-if-given or require-and-verify",
        options.client_auth);
}

int select_http11(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                  unsigned in_length, void*) {
    static constexpr std::array<unsigned char, 9> wanted{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_length, wanted.data(), wanted.size(), in, in_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int select_certificate(SSL* ssl, int*, void* argument) {
    auto* tls = static_cast<TlsContext*>(argument);
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_OK;
    for (const auto& context : tls->contexts) {
        X509* certificate = SSL_CTX_get0_certificate(context->native_handle());
        if (X509_check_host(certificate, name, 0, 0, nullptr) != 1) continue;
        SSL_set_SSL_CTX(ssl, context->native_handle());
        break;
    }
    return SSL_TLSEXT_ERR_OK;
}

Result<std::unique_ptr<asio::ssl::context>> make_certificate_context(const TlsOptions& options,
                                                                     const std::string& cert,
                                                                     const std::string& key) {
    auto version = version_number(options.min_version);
    if (!version) return version.error();
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* raw = context->native_handle();
    SSL_CTX_set_options(raw,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // OpenSSL 3 allows the old versions' signatures at level 0 only.
    if (*version < TLS1_2_VERSION) SSL_CTX_set_security_level(raw, 0);
    SSL_CTX_set_min_proto_version(raw, *version);
    SSL_CTX_set_alpn_select_cb(raw, select_http11, nullptr);
    if (SSL_CTX_use_certificate_chain_file(raw, cert.c_str()) != 1)
        return invalid_argument("the certificate cannot be read: " + cert, openssl_reason());
    if (SSL_CTX_use_PrivateKey_file(raw, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return invalid_argument("the private key cannot be read: " + key, openssl_reason());
    if (SSL_CTX_check_private_key(raw) != 1)
        return invalid_argument("the private key is not that of the certificate: " + key, openssl_reason());
    if (auto auth = set_client_auth(raw, options); !auth) return auth.error();
    return context;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> make_server_tls(const TlsOptions& options) {
    if (options.cert_files.empty()) return invalid_argument("TLS needs a certificate");
    if (options.cert_files.size() != options.key_files.size())
        return invalid_argument("TLS needs one key for each certificate");
    auto tls = std::make_shared<TlsContext>();
    for (std::size_t i = 0; i < options.cert_files.size(); ++i) {
        auto context = make_certificate_context(options, options.cert_files[i], options.key_files[i]);
        if (!context) return context.error();
        tls->contexts.push_back(std::move(*context));
    }
    SSL_CTX* main = tls->main().native_handle();
    SSL_CTX_set_tlsext_servername_callback(main, select_certificate);
    SSL_CTX_set_tlsext_servername_arg(main, tls.get());
    return tls;
}

Result<std::shared_ptr<TlsContext>> make_client_tls(const std::string& ca_file) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX* raw = context->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_default_verify_paths(raw);
    if (!ca_file.empty() && SSL_CTX_load_verify_locations(raw, ca_file.c_str(), nullptr) != 1)
        return invalid_argument("the certificate authorities cannot be read: " + ca_file, openssl_reason());
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    ERR_clear_error();
    auto tls = std::make_shared<TlsContext>();
    tls->contexts.push_back(std::move(context));
    return tls;
}

}  // namespace berth::http
