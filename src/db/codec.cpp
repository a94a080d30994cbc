#include "db/codec.h"

#include <bit>
#include <cmath>
#include <limits>

#include <libpq-fe.h>

namespace berth::db {
namespace {

// PostgreSQL counts from 2000-01-01.
constexpr std::int64_t epoch_microseconds = 946'684'800LL * 1'000'000;

template <class T>
bool read_big_endian(std::string_view bytes, T& value) {
    if (bytes.size() != sizeof(T)) return false;
    std::make_unsigned_t<T> bits = 0;
    for (char c : bytes)
        bits = static_cast<std::make_unsigned_t<T>>((bits << 8) | static_cast<unsigned char>(c));
    value = static_cast<T>(bits);
    return true;
}

template <class T>
std::string big_endian(T value) {
    auto bits = static_cast<std::make_unsigned_t<T>>(value);
    std::string bytes(sizeof(T), '\0');
    for (std::size_t i = sizeof(T); i-- > 0; bits = static_cast<decltype(bits)>(bits >> 8)) {
        bytes[i] = static_cast<char>(bits & 0xff);
    }
    return bytes;
}

template <class Values, class Write>
std::string array_text(const Values& values, Write write) {
    std::string text = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i != 0) text += ',';
        write(text, values[i]);
    }
    return text + "}";
}

void quote(std::string& text, std::string_view value) {
    text += '"';
    for (char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    text += '"';
}

std::string hexadecimal(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "\\\\x";
    for (unsigned char c : bytes) {
        text += digits[c >> 4];
        text += digits[c & 15];
    }
    return text;
}

}  // namespace

ResultSet::ResultSet(pg_result* result) : result_(result, [](pg_result* each) { PQclear(each); }) {}

int ResultSet::rows() const { return result_ ? PQntuples(result_.get()) : 0; }
int ResultSet::columns() const { return result_ ? PQnfields(result_.get()) : 0; }

std::optional<std::string_view> ResultSet::cell(int row, int column) const {
    if (row >= rows() || column < 0 || column >= columns()) return std::nullopt;
    if (PQgetisnull(result_.get(), row, column) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result_.get(), row, column),
                            static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
}

std::int64_t ResultSet::affected() const {
    if (!result_) return 0;
    const char* text = PQcmdTuples(result_.get());
    return text == nullptr ? 0 : std::strtoll(text, nullptr, 10);
}

bool decode_value(std::string_view bytes, bool& value) {
    value = bytes == std::string_view("\1", 1);
    return bytes.size() == 1;
}
bool decode_value(std::string_view bytes, std::int16_t& value) { return read_big_endian(bytes, value); }
bool decode_value(std::string_view bytes, std::int32_t& value) { return read_big_endian(bytes, value); }
bool decode_value(std::string_view bytes, std::int64_t& value) { return read_big_endian(bytes, value); }
bool decode_value(std::string_view bytes, double& value) {
    std::int64_t bits = 0;
    if (!read_big_endian(bytes, bits)) return false;
    value = std::bit_cast<double>(bits);
    return true;
}
bool decode_value(std::string_view bytes, std::string& value) {
    value = bytes;
    return true;
}
bool decode_value(std::string_view bytes, Uuid& value) {
    auto id = Uuid::from_bytes(bytes);
    if (!id) return false;
    value = *id;
    return true;
}
bool decode_value(std::string_view bytes, base::Time& value) {
    std::int64_t microseconds = 0;
    if (!read_big_endian(bytes, microseconds)) return false;
    // "infinity" and "-infinity" stay the largest and the smallest value.
    if (microseconds <= std::numeric_limits<std::int64_t>::max() - epoch_microseconds &&
        microseconds != std::numeric_limits<std::int64_t>::min()) {
        microseconds += epoch_microseconds;
    }
    value = base::Time(std::chrono::microseconds(microseconds));
    return true;
}

bool split_array(std::string_view bytes, std::vector<std::string_view>& elements) {
    auto next = [&bytes](std::int32_t& value) {
        if (bytes.size() < 4) return false;
        bool ok = read_big_endian(bytes.substr(0, 4), value);
        bytes.remove_prefix(4);
        return ok;
    };
    std::int32_t dimensions = 0;
    std::int32_t has_null = 0;
    std::int32_t type = 0;
    if (!next(dimensions) || !next(has_null) || !next(type)) return false;
    if (dimensions == 0) return true;
    std::int32_t count = 0;
    std::int32_t lower_bound = 0;
    if (dimensions != 1 || !next(count) || !next(lower_bound) || count < 0) return false;
    for (std::int32_t i = 0; i < count; ++i) {
        std::int32_t length = 0;
        if (!next(length) || length < 0 || static_cast<std::size_t>(length) > bytes.size()) return false;
        elements.push_back(bytes.substr(0, static_cast<std::size_t>(length)));
        bytes.remove_prefix(static_cast<std::size_t>(length));
    }
    return bytes.empty();
}

void RowReader::read_json(std::string& value) {
    auto bytes = result_->cell(row_, column_++);
    if (!bytes || bytes->empty() || bytes->front() != '\1') return fail();
    value = bytes->substr(1);
}

void RowReader::read_json(std::optional<std::string>& value) {
    if (!result_->cell(row_, column_)) {
        ++column_;
        return value.reset();
    }
    read_json(value.emplace());
}

void Arguments::add(bool value) { values_.push_back({std::string(1, value ? '\1' : '\0')}); }
void Arguments::add(std::int16_t value) { values_.push_back({big_endian(value)}); }
void Arguments::add(std::int32_t value) { values_.push_back({big_endian(value)}); }
void Arguments::add(std::int64_t value) { values_.push_back({big_endian(value)}); }
void Arguments::add(double value) { values_.push_back({big_endian(std::bit_cast<std::int64_t>(value))}); }
void Arguments::add(std::string_view value) { values_.push_back({std::string(value)}); }
void Arguments::add(const Uuid& value) { values_.push_back({value.raw()}); }
void Arguments::add(base::Time value) {
    values_.push_back(
        {big_endian(static_cast<std::int64_t>(value.time_since_epoch().count()) - epoch_microseconds)});
}
void Arguments::add_json(std::string_view value) { values_.push_back({'\1' + std::string(value)}); }

void Arguments::add(const std::vector<bool>& values) {
    values_.push_back(
        {array_text(values, [](std::string& text, bool value) { text += value ? 't' : 'f'; }), false});
}
void Arguments::add(const std::vector<std::int32_t>& values) {
    values_.push_back(
        {array_text(values, [](std::string& text, std::int32_t value) { text += std::to_string(value); }),
         false});
}
void Arguments::add(const std::vector<std::int64_t>& values) {
    values_.push_back(
        {array_text(values, [](std::string& text, std::int64_t value) { text += std::to_string(value); }),
         false});
}
void Arguments::add(const std::vector<double>& values) {
    auto write = [](std::string& text, double value) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.17g", value);
        text += digits;
    };
    values_.push_back({array_text(values, write), false});
}
void Arguments::add(const std::vector<std::string>& values) {
    values_.push_back({array_text(values, quote), false});
}
void Arguments::add(const std::vector<Uuid>& values) {
    values_.push_back(
        {array_text(values, [](std::string& text, const Uuid& value) { text += value.to_string(); }), false});
}
void Arguments::add(const std::vector<base::Time>& values) {
    auto write = [](std::string& text, base::Time value) { quote(text, base::format_rfc3339(value)); };
    values_.push_back({array_text(values, write), false});
}
void Arguments::add_bytes_array(const std::vector<std::string>& values) {
    auto write = [](std::string& text, const std::string& value) { text += '"' + hexadecimal(value) + '"'; };
    values_.push_back({array_text(values, write), false});
}

std::optional<Uuid> Arguments::uuid(int index) const {
    if (index < 0 || static_cast<std::size_t>(index) >= values_.size()) return std::nullopt;
    const auto& bytes = values_[static_cast<std::size_t>(index)].bytes;
    return bytes ? Uuid::from_bytes(*bytes) : std::nullopt;
}

Arguments Arguments::pick(const int* indexes, std::size_t count) const {
    Arguments picked;
    for (std::size_t i = 0; i < count; ++i)
        picked.values_.push_back(values_.at(static_cast<std::size_t>(indexes[i])));
    return picked;
}

}  // namespace berth::db
