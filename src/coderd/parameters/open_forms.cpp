#include "coderd/parameters/open_forms.h"

namespace berth::coderd {

std::shared_ptr<OpenForms::Place> OpenForms::enter(const Uuid& user_id) {
    {
        std::lock_guard guard(mutex_);
        auto& open = open_[user_id];
        if (open >= most_each_) return nullptr;
        ++open;
    }
    return std::make_shared<Place>(*this, user_id);
}

void OpenForms::leave(const Uuid& user_id) {
    std::lock_guard guard(mutex_);
    auto found = open_.find(user_id);
    if (--found->second == 0) open_.erase(found);
}

}  // namespace berth::coderd
