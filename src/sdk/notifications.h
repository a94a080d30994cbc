#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

struct InboxNotificationAction {
    std::string label;
    std::string url;
};
const TypeInfo& describe(const InboxNotificationAction*);

struct InboxNotification {
    Uuid id;
    Uuid user_id;
    Uuid template_id;
    std::vector<Uuid> targets;
    std::string title;
    std::string content;
    std::string icon;
    std::vector<InboxNotificationAction> actions;
    std::optional<base::Time> read_at;
    base::Time created_at = zero_time;
};
const TypeInfo& describe(const InboxNotification*);

struct GetInboxNotificationResponse {
    InboxNotification notification;
    std::int64_t unread_count = 0;
};
const TypeInfo& describe(const GetInboxNotificationResponse*);

struct ListInboxNotificationsRequest {
    std::string targets;
    std::string templates;
    std::string read_status;
    std::string starting_before;
};
const TypeInfo& describe(const ListInboxNotificationsRequest*);

struct ListInboxNotificationsResponse {
    std::vector<InboxNotification> notifications;
    std::int64_t unread_count = 0;
};
const TypeInfo& describe(const ListInboxNotificationsResponse*);

struct UpdateInboxNotificationReadStatusRequest {
    bool is_read = false;
};
const TypeInfo& describe(const UpdateInboxNotificationReadStatusRequest*);

struct UpdateInboxNotificationReadStatusResponse {
    InboxNotification notification;
    std::int64_t unread_count = 0;
};
const TypeInfo& describe(const UpdateInboxNotificationReadStatusResponse*);

struct NotificationsSettings {
    bool notifier_paused = false;
};
const TypeInfo& describe(const NotificationsSettings*);

struct NotificationTemplate {
    Uuid id;
    std::string name;
    std::string title_template;
    std::string body_template;
    std::string actions;
    std::string group;
    std::string method;
    std::string kind;
    bool enabled_by_default = false;
};
const TypeInfo& describe(const NotificationTemplate*);

struct NotificationMethodsResponse {
    std::vector<std::string> available;
    std::string default_;
};
const TypeInfo& describe(const NotificationMethodsResponse*);

struct NotificationPreference {
    Uuid id;
    bool disabled = false;
    base::Time updated_at = zero_time;
};
const TypeInfo& describe(const NotificationPreference*);

struct UpdateNotificationTemplateMethod {
    std::string method;
};
const TypeInfo& describe(const UpdateNotificationTemplateMethod*);

struct UpdateUserNotificationPreferences {
    std::map<std::string, bool> template_disabled_map;
};
const TypeInfo& describe(const UpdateUserNotificationPreferences*);

struct WebpushMessageAction {
    std::string label;
    std::string url;
};
const TypeInfo& describe(const WebpushMessageAction*);

struct WebpushMessage {
    std::string icon;
    std::string title;
    std::string body;
    std::vector<WebpushMessageAction> actions;
};
const TypeInfo& describe(const WebpushMessage*);

struct WebpushSubscription {
    std::string endpoint;
    std::string auth_key;
    std::string p256dh_key;
};
const TypeInfo& describe(const WebpushSubscription*);

struct DeleteWebpushSubscription {
    std::string endpoint;
};
const TypeInfo& describe(const DeleteWebpushSubscription*);

struct CustomNotificationContent {
    std::string title;
    std::string message;
};
const TypeInfo& describe(const CustomNotificationContent*);

struct CustomNotificationRequest {
    std::optional<CustomNotificationContent> content;
};
const TypeInfo& describe(const CustomNotificationRequest*);

}  // namespace berth::sdk
