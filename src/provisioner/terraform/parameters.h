#pragma once

#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/model.h"

namespace berth::terraform {

/// From an instance of data.coder_parameter.
provisioner::RichParameter make_parameter(const Instance& instance);

/// Adds what the template asks its users: parameters, presets, external accounts. Fails on names used twice.
Result<void> add_questions(const Model& model, provisioner::GraphComplete& out);

}  // namespace berth::terraform
