#include "net/http/http_testing.h"

#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of the sanitizers' public interface, whose header is not installed with the compiler everywhere.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace berth::http {

TestServer::TestServer(net::Runtime& runtime, std::function<asio::awaitable<Response>(Request&)> answer,
                       Limits limits, std::optional<TlsOptions> tls, std::string address)
    : runtime_(runtime) {
    handler.answer = std::move(answer);
    server = Server::create(runtime, handler, limits, base::Logger("test"));
    auto bound = server->listen(address, tls);
    EXPECT_TRUE(bound.ok()) << (bound.ok() ? "" : bound.error().to_string());
    if (bound) port = *bound;
}

TestServer::~TestServer() { drain(); }

void TestServer::drain(base::Duration grace) {
    if (drained_) return;
    drained_ = true;
    runtime_.run(server->drain(grace));
}

RawSocket::RawSocket(std::uint16_t port, int receive_buffer)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    struct timeval patience {
        10, 0
    };
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    struct sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<struct sockaddr*>(&address), sizeof address), 0);
}

RawSocket::~RawSocket() { ::close(fd_); }

void RawSocket::send(std::string_view data) {
    while (!data.empty()) {
        ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawSocket::shutdown_write() { ::shutdown(fd_, SHUT_WR); }

std::string RawSocket::receive(std::size_t limit) {
    if (!ahead_.empty()) return std::exchange(ahead_, {});
    std::string data(limit, '\0');
    ssize_t got = ::recv(fd_, data.data(), data.size(), 0);
    data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return data;
}

std::string RawSocket::receive_until(std::string_view marker) {
    std::string text;
    while (true) {
        std::string part = receive();
        if (part.empty()) return text;
        text += part;
        std::size_t at = text.find(marker);
        if (at == std::string::npos) continue;
        ahead_ = text.substr(at + marker.size());
        return text.substr(0, at + marker.size());
    }
}

std::string RawSocket::receive_all() {
    std::string text;
    while (true) {
        std::string part = receive();
        if (part.empty()) return text;
        text += part;
    }
}

unsigned status_of(std::string_view text) {
    if (!text.starts_with("HTTP/1.1 ") || text.size() < 12) return 0;
    return base::parse_int<unsigned>(text.substr(9, 3)).value_or(0);
}

TestFolder::TestFolder() : path_(testing::TempDir() + "/berth-" + Uuid::random().to_string()) {
    std::filesystem::create_directories(path_);
}
TestFolder::~TestFolder() { std::filesystem::remove_all(path_); }

void TestFolder::write(const std::string& name, std::string_view content) const {
    std::ofstream(file(name), std::ios::binary) << content;
}

TestCertificate make_certificate(const TestFolder& folder, const std::string& name,
                                 const std::vector<std::string>& names) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate),
                     static_cast<long>(std::hash<std::string>{}(name) >> 34));
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    std::vector<std::string> parts;
    for (const auto& entry : names)
        parts.push_back(entry.starts_with("IP:") ? entry : "DNS:" + entry);
    for (auto [nid, value] : {std::pair(NID_subject_alt_name, base::join(parts, ",")),
                              std::pair(NID_basic_constraints, std::string("critical,CA:TRUE"))}) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    TestCertificate files{folder.file(name + ".pem"), folder.file(name + ".key")};
    FILE* out = std::fopen(files.cert_file.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    out = std::fopen(files.key_file.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
}

std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
#endif
}

}  // namespace berth::http
