#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "provisioner/terraform/live.h"
#include "provisioner/terraform/session_testing.h"

// What the tests of LiveTemplates share.

namespace berth::terraform {

/// Zones depend on the region, a GPU is asked for in one region only, a module asks as well.
inline constexpr std::string_view live_main = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "prefix" { default = "z" }
data "coder_workspace_owner" "me" {}
data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
  order   = 1
  option {
    name  = "Europe"
    value = "eu"
  }
  option {
    name  = "America"
    value = "us"
  }
}
locals { zones = { eu = ["${var.prefix}-a", "${var.prefix}-b"], us = ["${var.prefix}-c"] } }
data "coder_parameter" "zone" {
  name    = "zone"
  order   = 2
  default = local.zones[data.coder_parameter.region.value][0]
  styling = jsonencode({ placeholder = "choose" })
  dynamic "option" {
    for_each = local.zones[data.coder_parameter.region.value]
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "gpus" {
  count   = data.coder_parameter.region.value == "us" ? 1 : 0
  name    = "gpus"
  type    = "number"
  default = 1
  order   = 3
  validation {
    min   = 1
    max   = 4
    error = "{value} is not from {min} to {max}"
  }
}
data "coder_parameter" "purpose" {
  name  = "purpose"
  order = 4
}
data "coder_parameter" "admin" {
  count   = contains(data.coder_workspace_owner.me.groups, "admins") ? 1 : 0
  name    = "admin"
  default = "yes"
  order   = 5
}
module "child" { source = "./child" }
data "coder_workspace_tags" "tags" { tags = { region = data.coder_parameter.region.value } }
# What no parameter needs is not evaluated, so its provider is not asked.
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
)";
inline constexpr std::string_view live_child = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_parameter" "inner" {
  name    = "inner"
  type    = "bool"
  default = "true"
  order   = 6
}
)";

using LiveAnswers = std::map<std::string, std::string>;

inline std::string one_file(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", text}};
    return tar_of(files);
}

inline asio::awaitable<Result<LiveFiles>> loaded_files(std::string archive) {
    LiveFiles files;
    files.archive = std::move(archive);
    co_return files;
}

inline asio::awaitable<Result<LiveAnswer>> ask_live(LiveTemplates* live, LiveQuestion question,
                                                    std::shared_ptr<CancelToken> stop) {
    auto answer = co_await live->evaluate(std::move(question), std::move(stop));
    co_return answer;
}

class LiveTest : public ::testing::Test {
protected:
    ~LiveTest() override { runtime_.run(live_.close()); }

    LiveQuestion question(const std::string& key, const LiveAnswers& answers) {
        LiveQuestion asked;
        asked.key = key;
        asked.user = "ada";
        asked.request.mutable_metadata()->set_workspace_owner("ada");
        for (const auto& [name, value] : answers) {
            auto* parameter = asked.request.add_rich_parameter_values();
            parameter->set_name(name);
            parameter->set_value(value);
        }
        asked.load = [this, archive = archives_[key]] {
            ++loads_;
            return loaded_files(archive);
        };
        return asked;
    }
    Result<void> prepare(const std::string& key, const std::string& tar) {
        archives_[key] = tar;
        auto answer = evaluate(key, {});
        return answer ? Result<void>() : answer.error();
    }
    Result<LiveAnswer> evaluate(const std::string& key, const LiveAnswers& answers,
                                const std::vector<std::string>& groups = {},
                                const LiveAnswers& variables = {}) {
        auto asked = question(key, answers);
        for (const auto& group : groups)
            asked.request.mutable_metadata()->add_workspace_owner_groups(group);
        for (const auto& [name, value] : variables) {
            auto* variable = asked.request.add_variable_values();
            variable->set_name(name);
            variable->set_value(value);
        }
        return runtime_.run(ask_live(&live_, std::move(asked), nullptr));
    }
    /// "name=value" or "name?" (no value), "!" behind those with problems.
    static std::vector<std::string> shown(const LiveAnswer& answer) {
        std::vector<std::string> texts;
        for (const auto& each : answer.parameters)
            texts.push_back(each.definition.name() + (each.value ? "=" + *each.value : "?") +
                            (each.problems.empty() ? "" : "!"));
        return texts;
    }
    static std::string standard() {
        return tar_of({{"main.tf", std::string(live_main)}, {"child/main.tf", std::string(live_child)}});
    }

    net::Runtime runtime_{1};
    TempFolder temporary_;
    SessionOptions options_ = test_options(runtime_, temporary_.path());
    LiveTemplates live_{runtime_.executor(0), temporary_.path() / "l", options_};
    std::map<std::string, std::string> archives_;
    /// How often a template was asked for.
    std::atomic<int> loads_ = 0;
};

}  // namespace berth::terraform
