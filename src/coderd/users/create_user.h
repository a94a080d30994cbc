#pragma once

#include <string>
#include <vector>

#include "base/secret.h"
#include "coderd/context.h"

namespace berth::coderd {

struct NewUser {
    std::string email;
    std::string username;
    std::string name;
    db::LoginType login_type = db::LoginType::password;
    db::UserStatus status = db::UserStatus::active;
    /// Already hashed; empty for none.
    std::string hashed_password;
    std::vector<std::string> roles;
    /// The default organization when empty.
    std::vector<Uuid> organizations;
    /// Only on a deployment without users.
    bool must_be_first = false;
};

/// The user, their password, memberships and SSH key, in one transaction. `conflict` names the field that is
/// taken, `permission_denied` says that there is a first user already.
/// permission_denied when there is any user.
asio::awaitable<Result<void>> check_no_users(db::Queries& queries);

asio::awaitable<Result<db::User>> create_user(Context& context, const rbac::Actor& actor, NewUser user);

}  // namespace berth::coderd
