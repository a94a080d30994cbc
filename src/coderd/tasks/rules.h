#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "sdk/tasks.h"

namespace berth::coderd {

Error invalid_task(std::string field, std::string problem);

/// "" when fine. Terraform gets the prompt as one environment variable, which Linux bounds at 128 KiB.
std::string task_prompt_problem(std::string_view prompt);

/// Everything that can be said without the database; all bad fields are in the error.
Result<void> check_new_task(const sdk::CreateTaskRequest& request);

/// A workspace name from the first words of the prompt and a piece of `salt`: "fix-the-login-3fa8".
std::string task_name_from(std::string_view prompt, const Uuid& salt);
/// The prompt's first line, at most 64 characters.
std::string task_display_name_from(std::string_view prompt);

}  // namespace berth::coderd
