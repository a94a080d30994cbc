#pragma once

#include <span>

#include "sdk/codec.h"

namespace berth::sdk {

/// Every described enum and struct, by name: what the documents and the completeness test go through.
std::span<const TypeGetter> all_types();

}  // namespace berth::sdk
