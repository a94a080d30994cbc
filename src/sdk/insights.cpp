#include "sdk/insights.h"

namespace berth::sdk {

const TypeInfo& describe(const InsightsReportInterval*) {
    static constexpr std::string_view values[] = {"", "day", "week", "unknown"};
    static const TypeInfo info = enumeration("InsightsReportInterval", values);
    return info;
}

const TypeInfo& describe(const TemplateInsightsSection*) {
    static constexpr std::string_view values[] = {"", "interval_reports", "report", "unknown"};
    static const TypeInfo info = enumeration("TemplateInsightsSection", values);
    return info;
}

const TypeInfo& describe(const TemplateAppsType*) {
    static constexpr std::string_view values[] = {"", "builtin", "app", "unknown"};
    static const TypeInfo info = enumeration("TemplateAppsType", values);
    return info;
}

const TypeInfo& describe(const DAUEntry*) {
    using T = DAUEntry;
    static const TypeInfo info = object("DAUEntry", {
        field("date", &T::date),
        field("amount", &T::amount),
    });
    return info;
}

const TypeInfo& describe(const DAUsResponse*) {
    using T = DAUsResponse;
    static const TypeInfo info = object("DAUsResponse", {
        field("entries", &T::entries),
        field("tz_hour_offset", &T::tz_hour_offset),
    });
    return info;
}

const TypeInfo& describe(const ConnectionLatency*) {
    using T = ConnectionLatency;
    static const TypeInfo info = object("ConnectionLatency", {
        field("p50", &T::p50),
        field("p95", &T::p95),
    });
    return info;
}

const TypeInfo& describe(const UserLatency*) {
    using T = UserLatency;
    static const TypeInfo info = object("UserLatency", {
        field("template_ids", &T::template_ids),
        field("user_id", &T::user_id),
        field("username", &T::username),
        field("avatar_url", &T::avatar_url),
        field("latency_ms", &T::latency_ms),
    });
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsReport*) {
    using T = UserLatencyInsightsReport;
    static const TypeInfo info = object("UserLatencyInsightsReport", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("users", &T::users),
    });
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsResponse*) {
    using T = UserLatencyInsightsResponse;
    static const TypeInfo info = object("UserLatencyInsightsResponse", {
        field("report", &T::report),
    });
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsRequest*) {
    using T = UserLatencyInsightsRequest;
    static const TypeInfo info = object("UserLatencyInsightsRequest", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
    });
    return info;
}

const TypeInfo& describe(const UserActivity*) {
    using T = UserActivity;
    static const TypeInfo info = object("UserActivity", {
        field("template_ids", &T::template_ids),
        field("user_id", &T::user_id),
        field("username", &T::username),
        field("avatar_url", &T::avatar_url),
        field("seconds", &T::seconds),
    });
    return info;
}

const TypeInfo& describe(const UserActivityInsightsReport*) {
    using T = UserActivityInsightsReport;
    static const TypeInfo info = object("UserActivityInsightsReport", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("users", &T::users),
    });
    return info;
}

const TypeInfo& describe(const UserActivityInsightsResponse*) {
    using T = UserActivityInsightsResponse;
    static const TypeInfo info = object("UserActivityInsightsResponse", {
        field("report", &T::report),
    });
    return info;
}

const TypeInfo& describe(const UserActivityInsightsRequest*) {
    using T = UserActivityInsightsRequest;
    static const TypeInfo info = object("UserActivityInsightsRequest", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
    });
    return info;
}

const TypeInfo& describe(const TemplateAppUsage*) {
    using T = TemplateAppUsage;
    static const TypeInfo info = object("TemplateAppUsage", {
        field("template_ids", &T::template_ids),
        field("type", &T::type),
        field("display_name", &T::display_name),
        field("slug", &T::slug),
        field("icon", &T::icon),
        field("seconds", &T::seconds),
        field("times_used", &T::times_used),
    });
    return info;
}

const TypeInfo& describe(const TemplateParameterValue*) {
    using T = TemplateParameterValue;
    static const TypeInfo info = object("TemplateParameterValue", {
        field("value", &T::value),
        field("count", &T::count),
    });
    return info;
}

const TypeInfo& describe(const TemplateParameterUsage*) {
    using T = TemplateParameterUsage;
    static const TypeInfo info = object("TemplateParameterUsage", {
        field("template_ids", &T::template_ids),
        field("display_name", &T::display_name),
        field("name", &T::name),
        field("type", &T::type),
        field("description", &T::description),
        field("options", &T::options).omitempty(),
        field("values", &T::values),
    });
    return info;
}

const TypeInfo& describe(const TemplateInsightsReport*) {
    using T = TemplateInsightsReport;
    static const TypeInfo info = object("TemplateInsightsReport", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("active_users", &T::active_users),
        field("apps_usage", &T::apps_usage),
        field("parameters_usage", &T::parameters_usage),
    });
    return info;
}

const TypeInfo& describe(const TemplateInsightsIntervalReport*) {
    using T = TemplateInsightsIntervalReport;
    static const TypeInfo info = object("TemplateInsightsIntervalReport", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("interval", &T::interval),
        field("active_users", &T::active_users),
    });
    return info;
}

const TypeInfo& describe(const TemplateInsightsResponse*) {
    using T = TemplateInsightsResponse;
    static const TypeInfo info = object("TemplateInsightsResponse", {
        field("report", &T::report).omitempty(),
        field("interval_reports", &T::interval_reports).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const TemplateInsightsRequest*) {
    using T = TemplateInsightsRequest;
    static const TypeInfo info = object("TemplateInsightsRequest", {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("interval", &T::interval),
        field("sections", &T::sections),
    });
    return info;
}

const TypeInfo& describe(const UserStatusChangeCount*) {
    using T = UserStatusChangeCount;
    static const TypeInfo info = object("UserStatusChangeCount", {
        field("date", &T::date),
        field("count", &T::count),
    });
    return info;
}

const TypeInfo& describe(const GetUserStatusCountsResponse*) {
    using T = GetUserStatusCountsResponse;
    static const TypeInfo info = object("GetUserStatusCountsResponse", {
        field("status_counts", &T::status_counts),
    });
    return info;
}

const TypeInfo& describe(const GetUserStatusCountsRequest*) {
    using T = GetUserStatusCountsRequest;
    static const TypeInfo info = object("GetUserStatusCountsRequest", {
        field("offset", &T::offset),
    });
    return info;
}

}  // namespace berth::sdk
