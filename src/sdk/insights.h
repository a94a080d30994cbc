#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/parameters.h"

namespace berth::sdk {

enum class InsightsReportInterval : std::uint8_t { unset, day, week, unknown };
const TypeInfo& describe(const InsightsReportInterval*);

enum class TemplateInsightsSection : std::uint8_t { unset, interval_reports, report, unknown };
const TypeInfo& describe(const TemplateInsightsSection*);

enum class TemplateAppsType : std::uint8_t { unset, builtin, app, unknown };
const TypeInfo& describe(const TemplateAppsType*);

struct DAUEntry {
    std::string date;
    std::int64_t amount = 0;
};
const TypeInfo& describe(const DAUEntry*);

struct DAUsResponse {
    std::vector<DAUEntry> entries;
    std::int64_t tz_hour_offset = 0;
};
const TypeInfo& describe(const DAUsResponse*);

struct ConnectionLatency {
    double p50 = 0;
    double p95 = 0;
};
const TypeInfo& describe(const ConnectionLatency*);

struct UserLatency {
    std::vector<Uuid> template_ids;
    Uuid user_id;
    std::string username;
    std::string avatar_url;
    ConnectionLatency latency_ms;
};
const TypeInfo& describe(const UserLatency*);

struct UserLatencyInsightsReport {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
    std::vector<UserLatency> users;
};
const TypeInfo& describe(const UserLatencyInsightsReport*);

struct UserLatencyInsightsResponse {
    UserLatencyInsightsReport report;
};
const TypeInfo& describe(const UserLatencyInsightsResponse*);

struct UserLatencyInsightsRequest {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
};
const TypeInfo& describe(const UserLatencyInsightsRequest*);

struct UserActivity {
    std::vector<Uuid> template_ids;
    Uuid user_id;
    std::string username;
    std::string avatar_url;
    std::int64_t seconds = 0;
};
const TypeInfo& describe(const UserActivity*);

struct UserActivityInsightsReport {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
    std::vector<UserActivity> users;
};
const TypeInfo& describe(const UserActivityInsightsReport*);

struct UserActivityInsightsResponse {
    UserActivityInsightsReport report;
};
const TypeInfo& describe(const UserActivityInsightsResponse*);

struct UserActivityInsightsRequest {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
};
const TypeInfo& describe(const UserActivityInsightsRequest*);

struct TemplateAppUsage {
    std::vector<Uuid> template_ids;
    TemplateAppsType type{};
    std::string display_name;
    std::string slug;
    std::string icon;
    std::int64_t seconds = 0;
    std::int64_t times_used = 0;
};
const TypeInfo& describe(const TemplateAppUsage*);

struct TemplateParameterValue {
    std::string value;
    std::int64_t count = 0;
};
const TypeInfo& describe(const TemplateParameterValue*);

struct TemplateParameterUsage {
    std::vector<Uuid> template_ids;
    std::string display_name;
    std::string name;
    std::string type;
    std::string description;
    std::vector<TemplateVersionParameterOption> options;
    std::vector<TemplateParameterValue> values;
};
const TypeInfo& describe(const TemplateParameterUsage*);

struct TemplateInsightsReport {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
    std::int64_t active_users = 0;
    std::vector<TemplateAppUsage> apps_usage;
    std::vector<TemplateParameterUsage> parameters_usage;
};
const TypeInfo& describe(const TemplateInsightsReport*);

struct TemplateInsightsIntervalReport {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
    InsightsReportInterval interval{};
    std::int64_t active_users = 0;
};
const TypeInfo& describe(const TemplateInsightsIntervalReport*);

struct TemplateInsightsResponse {
    std::optional<TemplateInsightsReport> report;
    std::vector<TemplateInsightsIntervalReport> interval_reports;
};
const TypeInfo& describe(const TemplateInsightsResponse*);

struct TemplateInsightsRequest {
    base::Time start_time = zero_time;
    base::Time end_time = zero_time;
    std::vector<Uuid> template_ids;
    InsightsReportInterval interval{};
    std::vector<TemplateInsightsSection> sections;
};
const TypeInfo& describe(const TemplateInsightsRequest*);

struct UserStatusChangeCount {
    base::Time date = zero_time;
    std::int64_t count = 0;
};
const TypeInfo& describe(const UserStatusChangeCount*);

struct GetUserStatusCountsResponse {
    std::map<std::string, std::vector<UserStatusChangeCount>> status_counts;
};
const TypeInfo& describe(const GetUserStatusCountsResponse*);

struct GetUserStatusCountsRequest {
    std::int64_t offset = 0;
};
const TypeInfo& describe(const GetUserStatusCountsRequest*);

}  // namespace berth::sdk
