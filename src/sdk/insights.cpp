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
    static const Field fields[] = {
        field("date", &T::date),
        field("amount", &T::amount),
    };
    static const TypeInfo info = object("DAUEntry", fields);
    return info;
}

const TypeInfo& describe(const DAUsResponse*) {
    using T = DAUsResponse;
    static const Field fields[] = {
        field("entries", &T::entries),
        field("tz_hour_offset", &T::tz_hour_offset),
    };
    static const TypeInfo info = object("DAUsResponse", fields);
    return info;
}

const TypeInfo& describe(const ConnectionLatency*) {
    using T = ConnectionLatency;
    static const Field fields[] = {
        field("p50", &T::p50),
        field("p95", &T::p95),
    };
    static const TypeInfo info = object("ConnectionLatency", fields);
    return info;
}

const TypeInfo& describe(const UserLatency*) {
    using T = UserLatency;
    static const Field fields[] = {
        field("template_ids", &T::template_ids), field("user_id", &T::user_id),
        field("username", &T::username),         field("avatar_url", &T::avatar_url),
        field("latency_ms", &T::latency_ms),
    };
    static const TypeInfo info = object("UserLatency", fields);
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsReport*) {
    using T = UserLatencyInsightsReport;
    static const Field fields[] = {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("users", &T::users),
    };
    static const TypeInfo info = object("UserLatencyInsightsReport", fields);
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsResponse*) {
    using T = UserLatencyInsightsResponse;
    static const Field fields[] = {
        field("report", &T::report),
    };
    static const TypeInfo info = object("UserLatencyInsightsResponse", fields);
    return info;
}

const TypeInfo& describe(const UserLatencyInsightsRequest*) {
    using T = UserLatencyInsightsRequest;
    static const Field fields[] = {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
    };
    static const TypeInfo info = object("UserLatencyInsightsRequest", fields);
    return info;
}

const TypeInfo& describe(const UserActivity*) {
    using T = UserActivity;
    static const Field fields[] = {
        field("template_ids", &T::template_ids), field("user_id", &T::user_id),
        field("username", &T::username),         field("avatar_url", &T::avatar_url),
        field("seconds", &T::seconds),
    };
    static const TypeInfo info = object("UserActivity", fields);
    return info;
}

const TypeInfo& describe(const UserActivityInsightsReport*) {
    using T = UserActivityInsightsReport;
    static const Field fields[] = {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
        field("users", &T::users),
    };
    static const TypeInfo info = object("UserActivityInsightsReport", fields);
    return info;
}

const TypeInfo& describe(const UserActivityInsightsResponse*) {
    using T = UserActivityInsightsResponse;
    static const Field fields[] = {
        field("report", &T::report),
    };
    static const TypeInfo info = object("UserActivityInsightsResponse", fields);
    return info;
}

const TypeInfo& describe(const UserActivityInsightsRequest*) {
    using T = UserActivityInsightsRequest;
    static const Field fields[] = {
        field("start_time", &T::start_time),
        field("end_time", &T::end_time),
        field("template_ids", &T::template_ids),
    };
    static const TypeInfo info = object("UserActivityInsightsRequest", fields);
    return info;
}

const TypeInfo& describe(const TemplateAppUsage*) {
    using T = TemplateAppUsage;
    static const Field fields[] = {
        field("template_ids", &T::template_ids),
        field("type", &T::type),
        field("display_name", &T::display_name),
        field("slug", &T::slug),
        field("icon", &T::icon),
        field("seconds", &T::seconds),
        field("times_used", &T::times_used),
    };
    static const TypeInfo info = object("TemplateAppUsage", fields);
    return info;
}

const TypeInfo& describe(const TemplateParameterValue*) {
    using T = TemplateParameterValue;
    static const Field fields[] = {
        field("value", &T::value),
        field("count", &T::count),
    };
    static const TypeInfo info = object("TemplateParameterValue", fields);
    return info;
}

const TypeInfo& describe(const TemplateParameterUsage*) {
    using T = TemplateParameterUsage;
    static const Field fields[] = {
        field("template_ids", &T::template_ids),
        field("display_name", &T::display_name),
        field("name", &T::name),
        field("type", &T::type),
        field("description", &T::description),
        field("options", &T::options).omitempty(),
        field("values", &T::values),
    };
    static const TypeInfo info = object("TemplateParameterUsage", fields);
    return info;
}

const TypeInfo& describe(const TemplateInsightsReport*) {
    using T = TemplateInsightsReport;
    static const Field fields[] = {
        field("start_time", &T::start_time),     field("end_time", &T::end_time),
        field("template_ids", &T::template_ids), field("active_users", &T::active_users),
        field("apps_usage", &T::apps_usage),     field("parameters_usage", &T::parameters_usage),
    };
    static const TypeInfo info = object("TemplateInsightsReport", fields);
    return info;
}

const TypeInfo& describe(const TemplateInsightsIntervalReport*) {
    using T = TemplateInsightsIntervalReport;
    static const Field fields[] = {
        field("start_time", &T::start_time),     field("end_time", &T::end_time),
        field("template_ids", &T::template_ids), field("interval", &T::interval),
        field("active_users", &T::active_users),
    };
    static const TypeInfo info = object("TemplateInsightsIntervalReport", fields);
    return info;
}

const TypeInfo& describe(const TemplateInsightsResponse*) {
    using T = TemplateInsightsResponse;
    static const Field fields[] = {
        field("report", &T::report).omitempty(),
        field("interval_reports", &T::interval_reports).omitempty(),
    };
    static const TypeInfo info = object("TemplateInsightsResponse", fields);
    return info;
}

const TypeInfo& describe(const TemplateInsightsRequest*) {
    using T = TemplateInsightsRequest;
    static const Field fields[] = {
        field("start_time", &T::start_time),     field("end_time", &T::end_time),
        field("template_ids", &T::template_ids), field("interval", &T::interval),
        field("sections", &T::sections),
    };
    static const TypeInfo info = object("TemplateInsightsRequest", fields);
    return info;
}

const TypeInfo& describe(const UserStatusChangeCount*) {
    using T = UserStatusChangeCount;
    static const Field fields[] = {
        field("date", &T::date),
        field("count", &T::count),
    };
    static const TypeInfo info = object("UserStatusChangeCount", fields);
    return info;
}

const TypeInfo& describe(const GetUserStatusCountsResponse*) {
    using T = GetUserStatusCountsResponse;
    static const Field fields[] = {
        field("status_counts", &T::status_counts),
    };
    static const TypeInfo info = object("GetUserStatusCountsResponse", fields);
    return info;
}

const TypeInfo& describe(const GetUserStatusCountsRequest*) {
    using T = GetUserStatusCountsRequest;
    static const Field fields[] = {
        field("offset", &T::offset),
    };
    static const TypeInfo info = object("GetUserStatusCountsRequest", fields);
    return info;
}

}  // namespace berth::sdk
