#include "coderd/secrets/read_secrets.h"

namespace berth::coderd {

asio::awaitable<Result<std::vector<DeliveredSecret>>> read_user_secrets(Context& context,
                                                                        const rbac::Actor& actor,
                                                                        Uuid user_id) {
    auto rows = co_await context.store.list_user_secrets_with_values(actor, user_id);
    if (!rows) co_return rows.error().wrap("the owner's secrets");
    std::vector<DeliveredSecret> secrets;
    for (auto& row : *rows) {
        auto value = context.vault.open({row.value, row.value_key_id}, user_secret_place(row.id));
        if (!value) co_return value.error().wrap("the owner's secret \"" + row.name + "\"");
        secrets.push_back({std::move(row.env_name), std::move(row.file_path), std::move(*value)});
    }
    co_return secrets;
}

}  // namespace berth::coderd
