#pragma once

#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/model.h"

/// One message from one instance, without its relatives.
namespace berth::terraform {

provisioner::Agent make_agent(const Instance& instance);
Result<provisioner::App> make_app(const Instance& instance);
provisioner::Script make_script(const Instance& instance);
provisioner::Env make_env(const Instance& instance);
provisioner::Devcontainer make_devcontainer(const Instance& instance);

}  // namespace berth::terraform
