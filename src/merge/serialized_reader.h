// Reads the text of PHP's serialize(), a piece at a time: a scalar, or the head of an array or
// object. It accepts what serialize() writes, and nothing that unserialize() would refuse for its
// syntax. Forms that PHP only reads, such as `S:` and `i:+5;`, are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace memcache_session {

// What read_value() found.
struct ValueHead {
    enum class Kind {
        kUnreadable,
        kScalar,     // read to its end; so is an enum, or an object of the form `C:`
        kReference,  // `R:`, `r:`, or a `C:` whose data may have one; read to its end
        kArray,      // read up to the first member
        kObject,     // read up to the first property
    };
    Kind kind = Kind::kUnreadable;
    size_t members = 0;  // of an array or object: how many keys with a value follow, as it says
};

// Owns nothing: the text must outlive it. After a piece that was unreadable, the position means
// nothing.
class SerializedReader {
public:
    explicit SerializedReader(std::string_view text) : text_(text) {}

    size_t position() const { return position_; }
    bool at_end() const { return position_ == text_.size(); }

    // Reads `N;`, `b:`, `i:`, `d:`, `s:`, `E:`, `C:`, `r:` or `R:` whole, or the head of `a:` or
    // `O:` with its brace.
    ValueHead read_value();

    // Reads the key of an array's member or of a property: `i:` or `s:`. The name of a private
    // property, with its NUL bytes, is one like any other.
    [[nodiscard]] bool read_key();

    // Reads a variable's name as the handler `php` writes it, with the `|` at its end. Any other
    // byte may be in it, `!` too: PHP has known no marker of undefined variables since 7.1.
    [[nodiscard]] bool read_variable_name();

    // Reads the brace that ends an array or object.
    [[nodiscard]] bool read_end() { return take("}"); }

private:
    std::string_view rest() const { return text_.substr(position_); }
    bool take(std::string_view expected);
    std::optional<std::string_view> take_number(char end);
    std::optional<size_t> take_length(char end);
    std::optional<std::string_view> take_quoted();
    bool take_integer();
    bool take_float();
    bool take_enum();
    ValueHead take_reference();
    ValueHead take_array();
    ValueHead take_object();
    ValueHead take_custom_object();

    std::string_view text_;
    size_t position_ = 0;
};

}  // namespace memcache_session
