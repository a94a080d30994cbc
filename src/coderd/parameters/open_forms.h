#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "base/uuid.h"

namespace berth::coderd {

/// Counts the forms that people have open, so that nobody holds all of them. Safe from any thread.
class OpenForms {
public:
    /// One open form, until it is destroyed. The count must outlive it.
    class Place {
    public:
        Place(OpenForms& all, const Uuid& user_id) : all_(all), user_id_(user_id) {}
        ~Place() { all_.leave(user_id_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        OpenForms& all_;
        Uuid user_id_;
    };

    explicit OpenForms(std::size_t most_each) : most_each_(most_each) {}

    /// Null when the user has as many open as one may.
    std::shared_ptr<Place> enter(const Uuid& user_id);

private:
    void leave(const Uuid& user_id);

    const std::size_t most_each_;
    std::mutex mutex_;
    std::map<Uuid, std::size_t> open_;
};

}  // namespace berth::coderd
