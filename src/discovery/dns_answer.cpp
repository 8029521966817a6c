#include "src/discovery/dns_answer.h"

#include <utility>

#include "src/discovery/node_list.h"

namespace memcache_session {
namespace {

constexpr size_t kHeaderSize = 12;
constexpr uint16_t kTypeSrv = 33;
constexpr uint16_t kClassIn = 1;
constexpr uint16_t kFlagResponse = 0x8000;
constexpr uint16_t kFlagTruncated = 0x0200;
constexpr uint16_t kCodeMask = 0x000f;
constexpr size_t kPointersMax = 64;
constexpr size_t kNameMax = 255;

// Reads a message from front to back. Once it would have to read beyond the end, it has failed, and
// gives zeros.
class Reader {
public:
    explicit Reader(std::string_view message) : message_(message) {}

    bool has_failed() const { return has_failed_; }

    uint8_t byte() {
        if (at_ >= message_.size()) {
            has_failed_ = true;
            return 0;
        }
        return static_cast<uint8_t>(message_[at_++]);
    }
    uint16_t number() {
        const uint8_t high = byte();
        return static_cast<uint16_t>(high << 8 | byte());
    }
    void skip(size_t count) {
        has_failed_ = has_failed_ || count > message_.size() - at_;
        at_ += has_failed_ ? 0 : count;
    }
    size_t at() const { return at_; }

    // A name, perhaps with pointers to earlier parts of the message: labels with a dot between two.
    std::string name();

private:
    void read_label(size_t length, std::string* name);

    std::string_view message_;
    size_t at_ = 0;
    bool has_failed_ = false;
};

void Reader::read_label(size_t length, std::string* name) {
    name->append(name->empty() ? "" : ".");
    for (size_t i = 0; i < length; ++i) {
        const char character = static_cast<char>(byte());
        has_failed_ = has_failed_ || character == '.';  // within a label it is no separator
        name->push_back(character);
    }
    has_failed_ = has_failed_ || name->size() > kNameMax;
}

std::string Reader::name() {
    std::string name;
    size_t after = 0;  // where the message goes on behind the first pointer; 0: there was none
    for (size_t pointers = 0; !has_failed_;) {
        const uint8_t length = byte();
        if (has_failed_ || length == 0) {
            break;
        }
        if (length < 0x40) {
            read_label(length, &name);
            continue;
        }
        const size_t to = static_cast<size_t>(length & 0x3f) << 8 | byte();
        has_failed_ = has_failed_ || length < 0xc0 || ++pointers > kPointersMax;
        after = after == 0 ? at_ : after;
        at_ = has_failed_ ? at_ : to;
    }
    at_ = after != 0 ? after : at_;
    return has_failed_ ? std::string() : name;
}

// Reads a record. Sets `record` if it is an SRV record.
bool read_record(Reader* reader, std::optional<ServiceRecord>* record) {
    reader->name();
    const uint16_t type = reader->number();
    const uint16_t class_of_it = reader->number();
    reader->skip(4);  // how long it may be kept
    const size_t length = reader->number();
    const size_t begin = reader->at();
    if (type != kTypeSrv || class_of_it != kClassIn) {
        reader->skip(length);
        return !reader->has_failed();
    }
    reader->skip(4);  // priority and weight
    const uint16_t port = reader->number();
    const std::string target = reader->name();
    if (reader->has_failed() || reader->at() != begin + length) {
        return false;
    }
    if (!target.empty()) {
        const std::optional<std::string> name = node_name(target);
        if (!name || port == 0) {
            return false;
        }
        *record = ServiceRecord{*name, port};
    }
    return true;
}

}  // namespace

std::optional<std::vector<ServiceRecord>> parse_service_records(std::string_view message) {
    if (message.size() < kHeaderSize || message.size() > kDnsAnswerMax) {
        return std::nullopt;
    }
    Reader reader(message);
    reader.number();  // the id, which the resolver has compared
    const uint16_t flags = reader.number();
    const size_t questions = reader.number();
    const size_t answers = reader.number();
    reader.skip(4);  // the numbers of the records that follow the answers
    if ((flags & kFlagResponse) == 0 || (flags & (kFlagTruncated | kCodeMask)) != 0) {
        return std::nullopt;
    }
    for (size_t i = 0; i < questions && !reader.has_failed(); ++i) {
        reader.name();
        reader.skip(4);  // type and class
    }
    std::vector<ServiceRecord> records;
    for (size_t i = 0; i < answers; ++i) {
        std::optional<ServiceRecord> record;
        if (!read_record(&reader, &record) || records.size() == NodeList::kNodesMax) {
            return std::nullopt;
        }
        if (record) {
            records.push_back(std::move(*record));
        }
    }
    return reader.has_failed() ? std::nullopt : std::optional(std::move(records));
}

}  // namespace memcache_session
