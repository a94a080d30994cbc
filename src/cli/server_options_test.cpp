#include "cli/server_options.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/uuid.h"

namespace berth::cli {
namespace {

std::string complaints(const Error& error) {
    std::string text = error.message();
    for (const auto& field : error.fields())
        text += "\n" + field.field + " " + field.detail;
    return text;
}

TEST(ServerOptions, WrongTextsAreNamedAllAtOnce) {
    struct Row {
        std::string_view flag, text, complaint;
    };
    const Row rows[] = {
        {"tls-enable", "maybe", "--tls-enable must be true or false"},
        {"provisioner-daemons", "three", "--provisioner-daemons must be a whole number"},
        {"session-duration", "1x", "--session-duration must be a duration"},
        {"access-url", "nowhere", "--access-url must be a URL"},
        {"postgres-auth", "kerberos", "--postgres-auth must be one of password, awsiamrds"},
        {"frobnicate", "1", "frobnicate is not an option of the server"},
    };
    OptionTexts texts;
    for (const auto& row : rows)
        texts[std::string(row.flag)] = row.text;
    auto options = parse_server_options(texts);
    ASSERT_FALSE(options);
    for (const auto& row : rows)
        EXPECT_NE(complaints(options.error()).find(row.complaint), std::string::npos)
            << complaints(options.error());
}

TEST(ServerOptions, AWrongSecretIsNotRepeated) {
    OptionTexts texts;
    texts["ssh-config-options"] = "hunter2";
    auto options = parse_server_options(texts);
    ASSERT_FALSE(options);
    EXPECT_EQ(complaints(options.error()).find("hunter2"), std::string::npos);
}

TEST(ServerOptions, OptionsThatDoNotGoTogether) {
    const OptionTexts rows[] = {
        {{"tls-enable", "true"}},
        {{"tls-enable", "true"}, {"tls-cert-file", "/a,/b"}, {"tls-key-file", "/a"}},
        {{"http-address", ""}},
    };
    for (const auto& texts : rows)
        EXPECT_FALSE(parse_server_options(texts)) << texts.begin()->first;
}

TEST(ServerOptions, ValuesAndDefaults) {
    OptionTexts texts;
    texts["access-url"] = "https://berth.example.com/";
    texts["provisioner-daemons"] = "5";
    texts["session-duration"] = "36h";
    texts["ssh-config-options"] = "ForwardAgent=yes,Port 22";
    auto options = parse_server_options(texts);
    ASSERT_TRUE(options) << complaints(options.error());
    EXPECT_EQ(options->access_url, "https://berth.example.com");
    EXPECT_EQ(options->provisioner_daemons, 5u);
    EXPECT_EQ(options->session_lifetime, std::chrono::hours(36));
    EXPECT_EQ(options->ssh_config_options.at("ForwardAgent"), "yes");
    EXPECT_EQ(options->ssh_config_options.at("Port"), "22");
    EXPECT_EQ(options->http_address, "127.0.0.1:3000");
    EXPECT_FALSE(options->tls);
}

TEST(ServerOptions, AnOldNameStandsForTheNewOne) {
    OptionTexts texts;
    texts["telemetry-enable"] = "false";
    texts["notifications-email-hello"] = "old.example.com";
    texts["email-hello"] = "new.example.com";
    auto options = parse_server_options(texts);
    ASSERT_TRUE(options);
    OptionTexts wanted;
    wanted["telemetry"] = "false";
    wanted["email-hello"] = "new.example.com";
    EXPECT_EQ(options->set_options, wanted);
}

TEST(ServerOptions, WhatWouldProtectAndIsNotBuiltIsRefused) {
    struct Row {
        std::string_view flag, refused, accepted;
    };
    const Row rows[] = {
        {"tls-ciphers", "TLS_AES_128_GCM_SHA256", ""},
        {"tls-allow-insecure-ciphers", "true", "false"},
        {"strict-transport-security", "31536000", "0"},
        {"samesite-auth-cookie", "none", "lax"},
        {"browser-only", "true", "false"},
        {"api-rate-limit", "100", "512"},
        {"disable-owner-workspace-access", "1", "0"},
        {"disable-session-expiry-refresh", "true", "false"},
        {"postgres-auth", "awsiamrds", "password"},
    };
    for (const auto& row : rows) {
        OptionTexts texts;
        texts[std::string(row.flag)] = row.refused;
        auto options = parse_server_options(texts);
        ASSERT_FALSE(options) << row.flag;
        EXPECT_NE(complaints(options.error()).find("--" + std::string(row.flag) + " "), std::string::npos)
            << complaints(options.error());
        texts[std::string(row.flag)] = row.accepted;
        EXPECT_TRUE(parse_server_options(texts)) << row.flag;
    }
}

TEST(ServerOptions, WhatNothingReadsIsNamed) {
    OptionTexts texts;
    texts["http-address"] = "127.0.0.1:80";
    texts["log-human"] = "/dev/null";
    texts["provisioner-force-cancel-interval"] = "1m";
    texts["update-check"] = "true";
    texts["swagger-enable"] = "false";
    texts["api-keys-retention"] = "168h";
    texts["trace"] = "1";
    // Only TLS reads it, and TLS is off.
    texts["tls-cert-file"] = "/cert.pem";
    EXPECT_EQ(options_without_effect(texts),
              (std::vector<std::string>{"--tls-cert-file", "--trace", "--update-check"}));
}

TEST(ServerOptions, TheWrittenYamlFileSaysTheSame) {
    OptionTexts texts;
    texts["http-address"] = "0.0.0.0:80";
    texts["tls-cert-file"] = "/a b.pem,/c.pem";
    texts["access-url"] = "https://berth.example.com";
    texts["oidc-group-mapping"] = R"({"ops":"berth \"ops\""})";
    texts["support-links"] = R"([{"name":"Help","target":"https://example.com","n":3,"on":true}])";
    texts["job-hang-detector-interval"] = "2m0s";
    texts["provisioner-daemon-psk"] = "hunter2";
    texts["postgres-url"] = "postgres://u:hunter2@host/db";
    auto text = write_yaml_options(texts);
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_NE(text.find("networking:\n"), std::string::npos) << text;

    auto path = std::filesystem::temp_directory_path() / ("berth-" + Uuid::random().to_string() + ".yaml");
    std::ofstream(path) << text;
    auto read = read_yaml_options(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(read) << complaints(read.error()) << text;
    EXPECT_TRUE(parse_server_options(*read));
    for (const auto& [flag, value] : texts)
        if (value.find("hunter2") == std::string::npos) {
            EXPECT_EQ((*read)[flag], value) << flag;
        }
    // Defaults are written too, and mean nothing new.
    EXPECT_EQ((*read)["session-duration"], "24h0m0s");
    EXPECT_EQ(write_yaml_options(*read), text);
}

TEST(ServerOptions, TheYamlFile) {
    auto path = std::filesystem::temp_directory_path() / ("berth-" + Uuid::random().to_string() + ".yaml");
    struct Row {
        std::string_view text, flag, value;
    };
    const Row rows[] = {
        {"networking:\n  http:\n    httpAddress: 0.0.0.0:80\n", "http-address", "0.0.0.0:80"},
        {"networking:\n  tls:\n    certFiles: [/a.pem, /b.pem]\n", "tls-cert-file", "/a.pem,/b.pem"},
        {"networking:\n  frobnicate: 1\n", "", ""},
        {"networking: [\n", "", ""},
    };
    for (const auto& row : rows) {
        std::ofstream(path) << row.text;
        auto texts = read_yaml_options(path);
        EXPECT_EQ(texts.ok(), !row.flag.empty()) << row.text;
        if (texts) {
            EXPECT_EQ((*texts)[std::string(row.flag)], row.value);
        }
    }
    std::filesystem::remove(path);
    EXPECT_FALSE(read_yaml_options(path));
}

}  // namespace
}  // namespace berth::cli
