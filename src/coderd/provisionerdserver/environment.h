#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace google::protobuf {
template <class T>
class RepeatedPtrField;
}
namespace provisioner {
class Env;
}

namespace berth::coderd {

using Environment = std::map<std::string, std::string>;

/// An agent's own variables with the template's coder_env resources merged in, in the order of the message
/// (the provisioner sorts them by resource address). merge_strategy "" and "replace" set, "append" and
/// "prepend" join with
/// ':', "error" refuses a name that is already defined. An unknown strategy is an error too.
Result<Environment> merge_environment(Environment own,
                                      const google::protobuf::RepeatedPtrField<provisioner::Env>& extra);

}  // namespace berth::coderd
