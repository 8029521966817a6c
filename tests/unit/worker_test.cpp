// The worker with a real memcached behind it.
#include "src/worker/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <tuple>

#include "src/worker/session_options.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::seconds;

OpenParameters opening_of(std::string_view save_path) {
    OpenParameters opening;
    opening.save_path = save_path;
    opening.settings.default_port = 11211;
    opening.settings.redundancy = 1;
    opening.settings.locking = true;
    opening.serialize_handler = "php";
    opening.settings.lock_timeout = seconds(15);
    return opening;
}

class WorkerTest : public ::testing::Test {
protected:
    // A session that is open, or null.
    OpenedSession* open(const OpenParameters& opening) {
        EXPECT_EQ(worker_.open(opening, &session_).answer, Answer::kOk);
        return session_;
    }

    memcache_session::testing::Memcached memcached_;
    std::string save_path_ = memcached_.server().name();
    HealthTable health_{HealthTable::Memory::kPrivate};
    Worker worker_{health_, std::make_shared<HolderTable>()};
    OpenedSession* session_ = nullptr;
};

TEST_F(WorkerTest, WrittenSessionIsReadByTheNextOpening) {
    ASSERT_TRUE(memcached_.is_running());
    const OpenParameters opening = opening_of(save_path_);
    OpenedSession* session = open(opening);
    EXPECT_EQ(session->read("sid", true).value, "");
    session->confirm_read();
    EXPECT_EQ(session->write("sid", "a|i:1;", 1440).answer, Answer::kOk);
    worker_.close(session_);
    session_ = nullptr;
    EXPECT_EQ(open(opening)->read("sid", true).value, "a|i:1;");
}

TEST_F(WorkerTest, SessionIsNotStoredUnlessPhpGotTheValue) {
    OpenedSession* session = open(opening_of(save_path_));
    ASSERT_EQ(session->read("sid", true).answer, Answer::kOk);
    const CallResult result = session->write("sid", "a|i:1;", 1440);
    EXPECT_EQ(result.answer, Answer::kFailed);
    EXPECT_NE(result.warning.find("was not read"), std::string::npos) << result.warning;
}

TEST_F(WorkerTest, OtherIdIsStoredOnlyOverNothing) {
    OpenedSession* session = open(opening_of(save_path_));
    for (const char* sid : {"first", "second"}) {
        ASSERT_EQ(session->read(sid, true).answer, Answer::kOk);
        session->confirm_read();
        ASSERT_EQ(session->write(sid, "a|i:1;", 1440).answer, Answer::kOk);
    }
    ASSERT_EQ(session->read("first", true).answer, Answer::kOk);
    session->confirm_read();
    const CallResult result = session->write("second", "a|i:2;", 1440);
    EXPECT_EQ(result.answer, Answer::kFailed);
    EXPECT_NE(result.warning.find("another id"), std::string::npos) << result.warning;

    ASSERT_EQ(session->read("first", true).answer, Answer::kOk);
    session->confirm_read();
    EXPECT_EQ(session->write("third", "a|i:2;", 1440).answer, Answer::kOk);
}

TEST_F(WorkerTest, OpenKeepsTheSessionWhileNothingHasChanged) {
    OpenParameters opening = opening_of(save_path_);
    OpenedSession* const first = open(opening);
    EXPECT_EQ(open(opening), first);
    opening.settings.compress_threshold = 1;
    open(opening);
    EXPECT_EQ(session_->options().compress_threshold, 1U);
    EXPECT_EQ(worker_.find(session_), session_);
}

TEST_F(WorkerTest, SessionThatItsOwnerForgotIsClosedByTheNextOpening) {
    OpenedSession* const forgotten = open(opening_of(save_path_));
    session_ = nullptr;
    OpenParameters other = opening_of(save_path_);
    other.settings.redundancy = 2;
    open(other);
    EXPECT_EQ(worker_.find(session_), session_);
    worker_.close_all_but(nullptr);
    EXPECT_EQ(worker_.find(forgotten), nullptr);
    EXPECT_EQ(worker_.find(session_), nullptr);
}

TEST_F(WorkerTest, BadSavePathFailsWithAWarning) {
    const CallResult result = worker_.open(opening_of("tcp://"), &session_);
    EXPECT_EQ(result.answer, Answer::kFailed);
    EXPECT_NE(result.warning.find("the host is missing"), std::string::npos) << result.warning;
    EXPECT_EQ(session_, nullptr);
    const PoolStatus& pool = worker_.pool_status(opening_of("tcp://"));
    EXPECT_TRUE(pool.servers.empty());
    EXPECT_NE(pool.problem.find("the host is missing"), std::string::npos) << pool.problem;
}

TEST_F(WorkerTest, ServerThatIsDownIsLoggedAndShown) {
    uint16_t port = 0;
    close(memcache_session::testing::listen_on_loopback(1, &port));  // nobody listens there now
    const std::string name = "127.0.0.1:" + std::to_string(port);
    const OpenParameters opening = opening_of(name);
    EXPECT_EQ(state_text(worker_.pool_status(opening).servers.at(0)), "up");
    EXPECT_EQ(open(opening)->read("sid", true).answer, Answer::kFailed);

    const char* const line = worker_.log().next();
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(std::string(line), "memcache_session: server " + name +
                                     " is down: connection refused; no session can be opened "
                                     "until it is back");
    EXPECT_EQ(worker_.log().next(), nullptr);

    const ServerStatus server = worker_.pool_status(opening).servers.at(0);
    EXPECT_EQ(server.name, name);
    EXPECT_EQ(server.state, ServerState::kClosed);
    EXPECT_EQ(server.reason.kind, FailureKind::kConnect);
}

TEST(LogLines, TellsOfAClockThatIsAhead) {
    Pool pool;
    pool.servers.resize(1);
    pool.servers[0].endpoint.host = "cache\x9b";
    pool.servers[0].endpoint.port = 11211;
    LogLines log;
    log.add_clocks({}, pool);
    EXPECT_EQ(log.next(), nullptr);
    log.add_clocks({0}, pool);
    const std::string line = log.next();
    EXPECT_NE(line.find("clock of server cache?:11211 is more than 300 s ahead"), std::string::npos)
        << line;
}

TEST(PoolStatus, DurationsAreWrittenInFull) {
    ServerStatus server;
    server.state = ServerState::kDown;
    server.reason = {FailureKind::kTimeout, 0};
    server.timeout = std::chrono::milliseconds(250);
    server.down_for = seconds(1234);
    EXPECT_EQ(state_text(server),
              "down for 1234 s: no answer within 0.25 s; left alone until it is well again");
    server.state = ServerState::kClosed;
    server.reason = {FailureKind::kTooManyConnections, 0};
    EXPECT_NE(state_text(server).find("; no new connections until it is well again"),
              std::string::npos)
        << state_text(server);
}

void change(std::string& field) {
    field += "x";
}
void change(bool& field) {
    field = !field;
}
void change(LockFailure& field) {
    field = field == LockFailure::kFail ? LockFailure::kReadOnly : LockFailure::kFail;
}
void change(SessionIds& field) {
    field = field == SessionIds::kAny ? SessionIds::kPhp : SessionIds::kAny;
}
void change(Merging& field) {
    field = field == Merging::kOff ? Merging::kFail : Merging::kOff;
}
void change(SerializeHandler& field) {
    field =
        field == SerializeHandler::kPhp ? SerializeHandler::kPhpSerialize : SerializeHandler::kPhp;
}
void change(Duration& field) {
    field += Duration(1);
}
template <class Number>
void change(Number& field) {
    ++field;
}

// Every field by reference; a field that is added does not compile until it is named here.
auto fields(SessionOptions& options) {
    auto& [key_prefix, ids, redundancy, allow_failover, meta, failover_attempts_max, search,
           locking, lock_failure, lock, merging, serialize_handler, lifetime, compress_threshold,
           warn_size, counting] = options;
    auto& [timeout, wait, waiters_max, pid, request_path] = lock;
    return std::tie(key_prefix, ids, redundancy, allow_failover, meta, failover_attempts_max,
                    search, locking, lock_failure, merging, serialize_handler, lifetime,
                    compress_threshold, warn_size, counting, timeout, wait, waiters_max, pid,
                    request_path);
}

template <size_t... indices>
void expect_each_change_noticed(std::index_sequence<indices...>) {
    const auto expect_noticed = [](auto change_one, size_t index) {
        SessionOptions changed;
        change_one(changed);
        EXPECT_FALSE(are_same(changed, SessionOptions())) << "field " << index;
    };
    (expect_noticed([](SessionOptions& options) { change(std::get<indices>(fields(options))); },
                    indices),
     ...);
}

TEST(SessionOptionsOfAnOpening, EachChangeIsNoticed) {
    EXPECT_TRUE(are_same(SessionOptions(), SessionOptions()));
    constexpr size_t kFields = std::tuple_size_v<decltype(fields(std::declval<SessionOptions&>()))>;
    expect_each_change_noticed(std::make_index_sequence<kFields>());
}

TEST(SessionOptionsOfAnOpening, EachSettingReachesTheOptions) {
    const OpenParameters opening = opening_of("h");
    const auto expect_change = [&](auto change_one, const char* name) {
        OpenParameters changed = opening;
        change_one(changed.settings);
        EXPECT_FALSE(are_same(session_options(changed, 7), session_options(opening, 7))) << name;
    };
    expect_change([](Settings& s) { change(s.redundancy); }, "redundancy");
    expect_change([](Settings& s) { change(s.allow_failover); }, "allow_failover");
    expect_change([](Settings& s) { change(s.failover_attempts_max); }, "failover_attempts_max");
    expect_change([](Settings& s) { change(s.search); }, "search");
    expect_change([](Settings& s) { change(s.locking); }, "locking");
    expect_change([](Settings& s) { change(s.lock_failure); }, "lock_failure");
    expect_change([](Settings& s) { change(s.lock_timeout); }, "lock_timeout");
    expect_change([](Settings& s) { change(s.lock_wait); }, "lock_wait");
    expect_change([](Settings& s) { change(s.lock_waiters_max); }, "lock_waiters_max");
    expect_change([](Settings& s) { change(s.meta); }, "meta");
    expect_change([](Settings& s) { change(s.merging); }, "merging");
    expect_change([](Settings& s) { change(s.compress_threshold); }, "compress_threshold");
    expect_change([](Settings& s) { change(s.warn_size); }, "warn_size");
    expect_change([](Settings& s) { change(s.counting); }, "counting");
    expect_change([](Settings& s) { s.prefix_static_key = "k"; }, "prefix_static_key");
    expect_change([](Settings& s) { change(s.ids); }, "ids");
    OpenParameters prefixed = opening;
    prefixed.settings.prefix_static_key = "k";
    OpenParameters separated = prefixed;
    separated.settings.prefix_separator = ":";
    EXPECT_FALSE(are_same(session_options(separated, 7), session_options(prefixed, 7)));
    OpenParameters serialized = opening;
    serialized.serialize_handler = "php_serialize";
    EXPECT_FALSE(are_same(session_options(serialized, 7), session_options(opening, 7)));
    OpenParameters merging = opening;
    merging.settings.merging = Merging::kFail;
    OpenParameters longer = merging;
    longer.lifetime = opening.lifetime + 1;
    EXPECT_FALSE(are_same(session_options(longer, 7), session_options(merging, 7)));
    merging.serialize_handler = "igbinary";
    EXPECT_EQ(session_options(merging, 7).merging, Merging::kOff);
    EXPECT_TRUE(is_unmergeable(merging));
    merging.settings.locking = false;
    EXPECT_FALSE(is_unmergeable(merging)) << "without locks nothing is to be merged";
    merging.serialize_handler = "php";
    EXPECT_EQ(session_options(merging, 7).merging, Merging::kOff);
    OpenParameters other = opening;
    other.request_path = "/other.php";
    EXPECT_FALSE(are_same(session_options(other, 7), session_options(opening, 7)));
    EXPECT_FALSE(are_same(session_options(opening, 8), session_options(opening, 7)));
}

}  // namespace
}  // namespace memcache_session
