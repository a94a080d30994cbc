#pragma once

#include <string>

namespace berth::sdk {

/// TypeScript declarations of all described types: an interface per struct (extending its embedded ones), and
/// for each enum a union type with the list of its values.
std::string typescript_declarations();

}  // namespace berth::sdk
