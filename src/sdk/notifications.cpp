#include "sdk/notifications.h"

namespace berth::sdk {

const TypeInfo& describe(const InboxNotificationAction*) {
    using T = InboxNotificationAction;
    static const Field fields[] = {
        field("label", &T::label),
        field("url", &T::url),
    };
    static const TypeInfo info = object("InboxNotificationAction", fields);
    return info;
}

const TypeInfo& describe(const InboxNotification*) {
    using T = InboxNotification;
    static const Field fields[] = {
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
    };
    static const TypeInfo info = object("InboxNotification", fields);
    return info;
}

const TypeInfo& describe(const GetInboxNotificationResponse*) {
    using T = GetInboxNotificationResponse;
    static const Field fields[] = {
        field("notification", &T::notification),
        field("unread_count", &T::unread_count),
    };
    static const TypeInfo info = object("GetInboxNotificationResponse", fields);
    return info;
}

const TypeInfo& describe(const ListInboxNotificationsRequest*) {
    using T = ListInboxNotificationsRequest;
    static const Field fields[] = {
        field("targets", &T::targets).omitempty(),
        field("templates", &T::templates).omitempty(),
        field("read_status", &T::read_status).omitempty(),
        field("starting_before", &T::starting_before).omitempty(),
    };
    static const TypeInfo info = object("ListInboxNotificationsRequest", fields);
    return info;
}

const TypeInfo& describe(const ListInboxNotificationsResponse*) {
    using T = ListInboxNotificationsResponse;
    static const Field fields[] = {
        field("notifications", &T::notifications),
        field("unread_count", &T::unread_count),
    };
    static const TypeInfo info = object("ListInboxNotificationsResponse", fields);
    return info;
}

const TypeInfo& describe(const UpdateInboxNotificationReadStatusRequest*) {
    using T = UpdateInboxNotificationReadStatusRequest;
    static const Field fields[] = {
        field("is_read", &T::is_read),
    };
    static const TypeInfo info = object("UpdateInboxNotificationReadStatusRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateInboxNotificationReadStatusResponse*) {
    using T = UpdateInboxNotificationReadStatusResponse;
    static const Field fields[] = {
        field("notification", &T::notification),
        field("unread_count", &T::unread_count),
    };
    static const TypeInfo info = object("UpdateInboxNotificationReadStatusResponse", fields);
    return info;
}

const TypeInfo& describe(const NotificationsSettings*) {
    using T = NotificationsSettings;
    static const Field fields[] = {
        field("notifier_paused", &T::notifier_paused),
    };
    static const TypeInfo info = object("NotificationsSettings", fields);
    return info;
}

const TypeInfo& describe(const NotificationTemplate*) {
    using T = NotificationTemplate;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("title_template", &T::title_template),
        field("body_template", &T::body_template),
        field("actions", &T::actions),
        field("group", &T::group),
        field("method", &T::method),
        field("kind", &T::kind),
        field("enabled_by_default", &T::enabled_by_default),
    };
    static const TypeInfo info = object("NotificationTemplate", fields);
    return info;
}

const TypeInfo& describe(const NotificationMethodsResponse*) {
    using T = NotificationMethodsResponse;
    static const Field fields[] = {
        field("available", &T::available),
        field("default", &T::default_),
    };
    static const TypeInfo info = object("NotificationMethodsResponse", fields);
    return info;
}

const TypeInfo& describe(const NotificationPreference*) {
    using T = NotificationPreference;
    static const Field fields[] = {
        field("id", &T::id),
        field("disabled", &T::disabled),
        field("updated_at", &T::updated_at),
    };
    static const TypeInfo info = object("NotificationPreference", fields);
    return info;
}

const TypeInfo& describe(const UpdateNotificationTemplateMethod*) {
    using T = UpdateNotificationTemplateMethod;
    static const Field fields[] = {
        field("method", &T::method).omitempty(),
    };
    static const TypeInfo info = object("UpdateNotificationTemplateMethod", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserNotificationPreferences*) {
    using T = UpdateUserNotificationPreferences;
    static const Field fields[] = {
        field("template_disabled_map", &T::template_disabled_map),
    };
    static const TypeInfo info = object("UpdateUserNotificationPreferences", fields);
    return info;
}

const TypeInfo& describe(const WebpushMessageAction*) {
    using T = WebpushMessageAction;
    static const Field fields[] = {
        field("label", &T::label),
        field("url", &T::url),
    };
    static const TypeInfo info = object("WebpushMessageAction", fields);
    return info;
}

const TypeInfo& describe(const WebpushMessage*) {
    using T = WebpushMessage;
    static const Field fields[] = {
        field("icon", &T::icon),
        field("title", &T::title),
        field("body", &T::body),
        field("actions", &T::actions),
    };
    static const TypeInfo info = object("WebpushMessage", fields);
    return info;
}

const TypeInfo& describe(const WebpushSubscription*) {
    using T = WebpushSubscription;
    static const Field fields[] = {
        field("endpoint", &T::endpoint),
        field("auth_key", &T::auth_key),
        field("p256dh_key", &T::p256dh_key),
    };
    static const TypeInfo info = object("WebpushSubscription", fields);
    return info;
}

const TypeInfo& describe(const DeleteWebpushSubscription*) {
    using T = DeleteWebpushSubscription;
    static const Field fields[] = {
        field("endpoint", &T::endpoint),
    };
    static const TypeInfo info = object("DeleteWebpushSubscription", fields);
    return info;
}

const TypeInfo& describe(const CustomNotificationContent*) {
    using T = CustomNotificationContent;
    static const Field fields[] = {
        field("title", &T::title),
        field("message", &T::message),
    };
    static const TypeInfo info = object("CustomNotificationContent", fields);
    return info;
}

const TypeInfo& describe(const CustomNotificationRequest*) {
    using T = CustomNotificationRequest;
    static const Field fields[] = {
        field("content", &T::content),
    };
    static const TypeInfo info = object("CustomNotificationRequest", fields);
    return info;
}

}  // namespace berth::sdk
