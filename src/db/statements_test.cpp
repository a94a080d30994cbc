// Every statement against a real server: it prepares, and its types are those the generator wrote down.

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "db/db_testing.h"
#include "db/generated/statements.h"
#include "db/migrations.h"
#include "rbac/sql_filter.h"

namespace berth::db {
namespace {

using ConnectionPointer = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using ResultPointer = std::unique_ptr<PGresult, decltype(&PQclear)>;

ConnectionPointer connect(const SecretString& url) {
    const char* keywords[] = {"dbname", nullptr};
    const char* values[] = {url.reveal().c_str(), nullptr};
    return {PQconnectdbParams(keywords, values, 1), &PQfinish};
}

class Statements : public ::testing::Test {
protected:
    static void SetUpTestSuite() { connection_ = connect(testing::database_url("berth")).release(); }
    static void TearDownTestSuite() { PQfinish(connection_); }

    static Oid type_id(const char* name) {
        const char* values[] = {name};
        ResultPointer result(
            PQexecParams(connection_, "SELECT $1::regtype::oid", 1, nullptr, values, nullptr, nullptr, 0),
            &PQclear);
        if (PQntuples(result.get()) != 1) return 0;
        return static_cast<Oid>(std::stoul(PQgetvalue(result.get(), 0, 0)));
    }

    static void prepare(const Statement& statement, const std::string& text) {
        SCOPED_TRACE(statement.name);
        ResultPointer prepared(
            PQprepare(connection_, "", text.c_str(), static_cast<int>(statement.parameter_types.size()),
                      statement.parameter_types.data()),
            &PQclear);
        ASSERT_EQ(PQresultStatus(prepared.get()), PGRES_COMMAND_OK) << PQerrorMessage(connection_);
        ResultPointer described(PQdescribePrepared(connection_, ""), &PQclear);
        ASSERT_EQ(PQnfields(described.get()), static_cast<int>(statement.result_types.size()));
        for (int i = 0; i < PQnfields(described.get()); ++i) {
            EXPECT_EQ(PQftype(described.get(), i),
                      type_id(statement.result_types[static_cast<std::size_t>(i)]))
                << PQfname(described.get(), i) << " should be "
                << statement.result_types[static_cast<std::size_t>(i)];
        }
        ASSERT_EQ(PQnparams(described.get()), static_cast<int>(statement.parameter_types.size()));
        for (int i = 0; i < PQnparams(described.get()); ++i) {
            auto expected = statement.parameter_types[static_cast<std::size_t>(i)];
            if (expected != 0) {
                EXPECT_EQ(PQparamtype(described.get(), i), expected) << "parameter " << i + 1;
            }
        }
    }

    static PGconn* connection_;
};
PGconn* Statements::connection_ = nullptr;

TEST_F(Statements, prepare_with_the_types_written_down) {
    ASSERT_GT(all_statements().size(), 200u);
    for (const auto* statement : all_statements()) {
        bool filtered = statement->policy.kind == Policy::Kind::filter;
        prepare(*statement, std::string(statement->text) + (filtered ? " AND TRUE" : "") + statement->tail);
    }
}

TEST_F(Statements, prepare_with_the_filter_of_an_ordinary_member) {
    auto id = Uuid::random();
    std::vector<rbac::OrganizationRoles> memberships{{.organization = Uuid::random()}};
    auto member = rbac::Actor::user(id, "member", {}, memberships, {Uuid::random()}, rbac::Scope::all());
    for (const auto* statement : all_statements()) {
        if (statement->policy.kind != Policy::Kind::filter) continue;
        const auto& columns = statement->policy.filter;
        auto filter = rbac::sql_filter(member, statement->policy.action, statement->policy.resource,
                                       {.id = columns.id,
                                        .owner = columns.owner,
                                        .organization = columns.organization,
                                        .user_acl = columns.user_acl,
                                        .group_acl = columns.group_acl});
        prepare(*statement, std::string(statement->text) + " AND " + filter.text + statement->tail);
    }
}

TEST_F(Statements, have_a_policy_that_names_somebody) {
    for (const auto* statement : all_statements()) {
        if (statement->policy.kind == Policy::Kind::actors) {
            EXPECT_FALSE(statement->policy.actors.empty()) << statement->name;
        }
        if (statement->policy.kind == Policy::Kind::via) {
            ASSERT_NE(statement->policy.via, nullptr) << statement->name;
        }
    }
}

TEST(Migrations, are_numbered_without_gaps) {
    int expected = 1;
    for (const auto& migration : migrations())
        EXPECT_EQ(migration.version, expected++) << migration.name;
}

}  // namespace
}  // namespace berth::db
