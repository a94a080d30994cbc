#pragma once

#include <string_view>

#include "provisioner.pb.h"

namespace berth::coderd {

/// As the provider and the REST API spell it; "" for none in particular.
std::string_view form_type_name(provisioner::ParameterFormType type);
provisioner::ParameterFormType form_type_of(std::string_view name);

}  // namespace berth::coderd
