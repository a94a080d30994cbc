#include "sdk/notifications.h"

namespace berth::sdk {

const TypeInfo& describe(const InboxNotificationAction*) {
    using T = InboxNotificationAction;
    static const TypeInfo info = object("InboxNotificationAction", {
        field("label", &T::label),
        field("url", &T::url),
    });
    return info;
}

const TypeInfo& describe(const InboxNotification*) {
    using T = InboxNotification;
    static const TypeInfo info = object("InboxNotification", {
        field("id", &T::id),
        field("user_id", &T::user_id),
        field("template_id", &T::template_id),
        field("targets", &T::targets),
        field("title", &T::title),
        field("content", &T::content),
        field("icon", &T::icon),
        field("actions", &T::actions),
        field("read_at", &T::read_at),
        field("created_at", &T::created_at),
    });
    return info;
}

const TypeInfo& describe(const GetInboxNotificationResponse*) {
    using T = GetInboxNotificationResponse;
    static const TypeInfo info = object("GetInboxNotificationResponse", {
        field("notification", &T::notification),
        field("unread_count", &T::unread_count),
    });
    return info;
}

const TypeInfo& describe(const ListInboxNotificationsRequest*) {
    using T = ListInboxNotificationsRequest;
    static const TypeInfo info = object("ListInboxNotificationsRequest", {
        field("targets", &T::targets).omitempty(),
        field("templates", &T::templates).omitempty(),
        field("read_status", &T::read_status).omitempty(),
        field("starting_before", &T::starting_before).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const ListInboxNotificationsResponse*) {
    using T = ListInboxNotificationsResponse;
    static const TypeInfo info = object("ListInboxNotificationsResponse", {
        field("notifications", &T::notifications),
        field("unread_count", &T::unread_count),
    });
    return info;
}

const TypeInfo& describe(const UpdateInboxNotificationReadStatusRequest*) {
    using T = UpdateInboxNotificationReadStatusRequest;
    static const TypeInfo info = object("UpdateInboxNotificationReadStatusRequest", {
        field("is_read", &T::is_read),
    });
    return info;
}

const TypeInfo& describe(const UpdateInboxNotificationReadStatusResponse*) {
    using T = UpdateInboxNotificationReadStatusResponse;
    static const TypeInfo info = object("UpdateInboxNotificationReadStatusResponse", {
        field("notification", &T::notification),
        field("unread_count", &T::unread_count),
    });
    return info;
}

const TypeInfo& describe(const NotificationsSettings*) {
    using T = NotificationsSettings;
    static const TypeInfo info = object("NotificationsSettings", {
        field("notifier_paused", &T::notifier_paused),
    });
    return info;
}

const TypeInfo& describe(const NotificationTemplate*) {
    using T = NotificationTemplate;
    static const TypeInfo info = object("NotificationTemplate", {
        field("id", &T::id),
        field("name", &T::name),
        field("title_template", &T::title_template),
        field("body_template", &T::body_template),
        field("actions", &T::actions),
        field("group", &T::group),
        field("method", &T::method),
        field("kind", &T::kind),
        field("enabled_by_default", &T::enabled_by_default),
    });
    return info;
}

const TypeInfo& describe(const NotificationMethodsResponse*) {
    using T = NotificationMethodsResponse;
    static const TypeInfo info = object("NotificationMethodsResponse", {
        field("available", &T::available),
        field("default", &T::default_),
    });
    return info;
}

const TypeInfo& describe(const NotificationPreference*) {
    using T = NotificationPreference;
    static const TypeInfo info = object("NotificationPreference", {
        field("id", &T::id),
        field("disabled", &T::disabled),
        field("updated_at", &T::updated_at),
    });
    return info;
}

const TypeInfo& describe(const UpdateNotificationTemplateMethod*) {
    using T = UpdateNotificationTemplateMethod;
    static const TypeInfo info = object("UpdateNotificationTemplateMethod", {
        field("method", &T::method).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const UpdateUserNotificationPreferences*) {
    using T = UpdateUserNotificationPreferences;
    static const TypeInfo info = object("UpdateUserNotificationPreferences", {
        field("template_disabled_map", &T::template_disabled_map),
    });
    return info;
}

const TypeInfo& describe(const WebpushMessageAction*) {
    using T = WebpushMessageAction;
    static const TypeInfo info = object("WebpushMessageAction", {
        field("label", &T::label),
        field("url", &T::url),
    });
    return info;
}

const TypeInfo& describe(const WebpushMessage*) {
    using T = WebpushMessage;
    static const TypeInfo info = object("WebpushMessage", {
        field("icon", &T::icon),
        field("title", &T::title),
        field("body", &T::body),
        field("actions", &T::actions),
    });
    return info;
}

const TypeInfo& describe(const WebpushSubscription*) {
    using T = WebpushSubscription;
    static const TypeInfo info = object("WebpushSubscription", {
        field("endpoint", &T::endpoint),
        field("auth_key", &T::auth_key),
        field("p256dh_key", &T::p256dh_key),
    });
    return info;
}

const TypeInfo& describe(const DeleteWebpushSubscription*) {
    using T = DeleteWebpushSubscription;
    static const TypeInfo info = object("DeleteWebpushSubscription", {
        field("endpoint", &T::endpoint),
    });
    return info;
}

const TypeInfo& describe(const CustomNotificationContent*) {
    using T = CustomNotificationContent;
    static const TypeInfo info = object("CustomNotificationContent", {
        field("title", &T::title),
        field("message", &T::message),
    });
    return info;
}

const TypeInfo& describe(const CustomNotificationRequest*) {
    using T = CustomNotificationRequest;
    static const TypeInfo info = object("CustomNotificationRequest", {
        field("content", &T::content),
    });
    return info;
}

}  // namespace berth::sdk
