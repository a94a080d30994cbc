#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "base/uuid.h"

struct pg_result;

namespace berth::db {

/// What a statement answered, in PostgreSQL's binary format. Cheap to copy.
class ResultSet {
public:
    ResultSet() = default;
    /// Takes ownership.
    explicit ResultSet(pg_result* result);

    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    /// Empty for NULL. Valid as long as a copy of this result lives.
    [[nodiscard]] std::optional<std::string_view> cell(int row, int column) const;
    /// Rows changed by INSERT, UPDATE or DELETE.
    [[nodiscard]] std::int64_t affected() const;

private:
    std::shared_ptr<pg_result> result_;
};

// What a binary value means; false when the bytes do not fit the type.
bool decode_value(std::string_view bytes, bool& value);
bool decode_value(std::string_view bytes, std::int16_t& value);
bool decode_value(std::string_view bytes, std::int32_t& value);
bool decode_value(std::string_view bytes, std::int64_t& value);
bool decode_value(std::string_view bytes, double& value);
bool decode_value(std::string_view bytes, std::string& value);
bool decode_value(std::string_view bytes, Uuid& value);
bool decode_value(std::string_view bytes, base::Time& value);
template <class T>
bool decode_value(std::string_view bytes, Secret<T>& value) {
    T plain;
    if (!decode_value(bytes, plain)) return false;
    value = Secret<T>(std::move(plain));
    return true;
}

/// The elements of a one-dimensional array; false when malformed or when an element is NULL.
bool split_array(std::string_view bytes, std::vector<std::string_view>& elements);

/// Reads the columns of one row from left to right.
class RowReader {
public:
    RowReader(const ResultSet& result, int row) : result_(&result), row_(row) {}

    template <class T>
    void read(T& value) {
        auto bytes = result_->cell(row_, column_++);
        if (!bytes || !decode_value(*bytes, value)) fail();
    }
    template <class T>
    void read(std::optional<T>& value) {
        auto bytes = result_->cell(row_, column_++);
        if (!bytes) return value.reset();
        if (!decode_value(*bytes, value.emplace())) fail();
    }
    template <class T>
    void read(std::vector<T>& values) {
        auto bytes = result_->cell(row_, column_++);
        std::vector<std::string_view> elements;
        if (!bytes || !split_array(*bytes, elements)) return fail();
        values.clear();
        values.reserve(elements.size());
        for (auto element : elements) {
            T value{};
            if (!decode_value(element, value)) return fail();
            values.push_back(std::move(value));
        }
    }
    /// jsonb carries a version byte before its text.
    void read_json(std::string& value);
    void read_json(std::optional<std::string>& value);

    /// Where the first value stood that did not fit; -1 when all did.
    [[nodiscard]] int failed_column() const { return failed_; }

private:
    void fail() {
        if (failed_ < 0) failed_ = column_ - 1;
    }
    const ResultSet* result_;
    int row_;
    int column_ = 0;
    int failed_ = -1;
};

/// The arguments of a statement, encoded.
class Arguments {
public:
    struct Value {
        /// Empty for NULL.
        std::optional<std::string> bytes;
        bool binary = true;
    };

    void add(bool value);
    void add(std::int16_t value);
    void add(std::int32_t value);
    void add(std::int64_t value);
    void add(double value);
    void add(std::string_view value);
    void add(const std::string& value) { add(std::string_view(value)); }
    void add(const char* value) { add(std::string_view(value)); }
    void add(const Uuid& value);
    void add(base::Time value);
    void add(const SecretString& value) { add(std::string_view(value.reveal())); }
    void add_json(std::string_view value);
    template <class T>
    void add(const std::optional<T>& value) {
        if (value) return add(*value);
        values_.push_back({});
    }
    template <class T>
    void add_json(const std::optional<T>& value) {
        if (value) return add_json(std::string_view(*value));
        values_.push_back({});
    }
    // Arrays travel as text, for their element types have identifiers of their own on every server.
    void add(const std::vector<bool>& values);
    void add(const std::vector<std::int32_t>& values);
    void add(const std::vector<std::int64_t>& values);
    void add(const std::vector<double>& values);
    void add(const std::vector<std::string>& values);
    void add(const std::vector<Uuid>& values);
    void add(const std::vector<base::Time>& values);
    void add_bytes_array(const std::vector<std::string>& values);
    template <class Enum>
    requires std::is_enum_v<Enum>
    void add(Enum value) { add(std::string_view(to_string(value))); }
    template <class Enum>
    requires std::is_enum_v<Enum>
    void add(const std::vector<Enum>& values) {
        std::vector<std::string> names;
        names.reserve(values.size());
        for (auto value : values)
            names.emplace_back(to_string(value));
        add(names);
    }

    [[nodiscard]] const std::vector<Value>& values() const { return values_; }
    /// As a 16-byte identifier; empty for NULL and for other types.
    [[nodiscard]] std::optional<Uuid> uuid(int index) const;
    /// These arguments, in the given order.
    [[nodiscard]] Arguments pick(const int* indexes, std::size_t count) const;

private:
    std::vector<Value> values_;
};

}  // namespace berth::db
