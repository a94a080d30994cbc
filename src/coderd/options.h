#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "net/http/server.h"

namespace berth::coderd {

/// What `berth server` was asked to do, parsed and checked. Defaults are those of the option table.
struct ServerOptions {
    /// Where users and agents reach us, without a trailing slash; "http://<address>:<port>" when not given.
    std::string access_url;
    /// Empty disables the plain listener.
    std::string http_address = "127.0.0.1:3000";
    std::string tls_address = "127.0.0.1:3443";
    std::optional<http::TlsOptions> tls;
    http::Limits limits;

    /// Holds the private database cluster, the signing keys and caches.
    std::filesystem::path config_dir;
    std::filesystem::path cache_dir;
    /// Empty starts the private cluster.
    SecretString postgres_url;
    std::size_t postgres_connections = 10;

    std::size_t provisioner_daemons = 3;
    SecretString provisioner_psk;
    /// Of 32 bytes in base64; the first encrypts secrets in the database.
    std::vector<SecretString> encryption_keys;
    /// The program that workspaces download from /bin; ourselves unless a test says otherwise.
    std::filesystem::path agent_binary;

    base::Duration session_lifetime = std::chrono::hours(24);
    base::Duration default_token_lifetime = std::chrono::hours(168);
    base::Duration max_token_lifetime = std::chrono::hours(876'600);
    base::Duration max_admin_token_lifetime = std::chrono::hours(168);
    base::Duration reaper_interval = std::chrono::minutes(1);
    /// A running job that says nothing for this long is failed, and a pending one that nobody takes.
    base::Duration job_silence = std::chrono::minutes(5);
    base::Duration job_pending = std::chrono::minutes(30);
    base::Duration drain_grace = std::chrono::seconds(10);

    bool disable_password_auth = false;
    bool secure_cookie = false;
    std::string ssh_hostname_prefix = "coder.";
    std::string ssh_hostname_suffix;
    std::map<std::string, std::string> ssh_config_options;
    std::vector<std::string> experiments;
    /// Lets administrators build with terraform's own log, which may show secrets.
    bool enable_terraform_debug_mode = false;
    /// Largest upload to /files.
    std::size_t max_file = 100 << 20;

    /// Text of each option that was set, by flag, for the deployment API. Secret ones are left out by it.
    std::map<std::string, std::string> set_options;
};

}  // namespace berth::coderd
