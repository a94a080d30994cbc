#include "sdk/user_secrets.h"

namespace berth::sdk {

const TypeInfo& describe(const UserSecret*) {
    using T = UserSecret;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("description", &T::description),
        field("env_name", &T::env_name),
        field("file_path", &T::file_path),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
    };
    static const TypeInfo info = object("UserSecret", fields);
    return info;
}

const TypeInfo& describe(const CreateUserSecretRequest*) {
    using T = CreateUserSecretRequest;
    static const Field fields[] = {
        field("name", &T::name).required(),
        field("description", &T::description).omitempty(),
        field("value", &T::value).required(),
        field("env_name", &T::env_name).omitempty(),
        field("file_path", &T::file_path).omitempty(),
    };
    static const TypeInfo info = object("CreateUserSecretRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserSecretRequest*) {
    using T = UpdateUserSecretRequest;
    static const Field fields[] = {
        field("value", &T::value).omitempty(),
        field("description", &T::description).omitempty(),
        field("env_name", &T::env_name).omitempty(),
        field("file_path", &T::file_path).omitempty(),
    };
    static const TypeInfo info = object("UpdateUserSecretRequest", fields);
    return info;
}

}  // namespace berth::sdk
