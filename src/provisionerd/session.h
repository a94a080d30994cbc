#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/asio.h"
#include "net/drpc/stream.h"
#include "provisioner.pb.h"
#include "rpc/file_transfer.h"

namespace berth::provisionerd {

/// More than any module archive may have, in bytes: who sends more is broken.
inline constexpr std::size_t max_file = 100 << 20;

/// One job's stream to its provisioner.
class ProvisionerSession {
public:
    using Stream = drpc::Duplex<::provisioner::Request, ::provisioner::Response>;
    /// Called for every log line; may wait, which holds the provisioner back.
    using LogSink = std::function<asio::awaitable<void>(::provisioner::Log)>;

    ProvisionerSession(Stream stream, LogSink sink) : stream_(std::move(stream)), sink_(std::move(sink)) {}

    asio::awaitable<Result<void>> send(::provisioner::Request request);
    /// Sends, and reads until something of the kind `expected` comes. Its `error`, when set, is the result.
    asio::awaitable<Result<::provisioner::Response>> ask(::provisioner::Request request,
                                                         ::provisioner::Response::TypeCase expected);
    /// Reads the answer to what was sent before.
    asio::awaitable<Result<::provisioner::Response>> answer(::provisioner::Response::TypeCase expected);
    /// Like ask(), but an answer with an error is returned, because it carries more than that.
    asio::awaitable<Result<::provisioner::Response>> ask_raw(::provisioner::Request request,
                                                             ::provisioner::Response::TypeCase expected);
    /// The module files the provisioner sent beside its answers; nothing unless they are whole.
    rpc::FileMessages take_files();
    void kill() noexcept { stream_.cancel(); }

private:
    asio::awaitable<Result<::provisioner::Response>> read(::provisioner::Response::TypeCase expected);
    Result<void> take_piece(const ::provisioner::Response& response);

    Stream stream_;
    LogSink sink_;
    rpc::FileMessages files_;
    rpc::FileProgress progress_{max_file};
};

/// What a step says of its failure; empty when it went well.
const std::string& error_of(const ::provisioner::Response& response);

}  // namespace berth::provisionerd
