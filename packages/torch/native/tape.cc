#include "tape.h"

#include <cmath>

namespace mien {

namespace {
constexpr double kMaxSafeInteger = 9007199254740991.0;
}

bool Value::isIntegral() const {
  if (tag == Tag::BigInt) return true;
  return tag == Tag::Number && std::abs(number) <= kMaxSafeInteger && std::trunc(number) == number;
}

int64_t Value::toInt() const {
  if (tag == Tag::BigInt) {
    const auto high = static_cast<uint64_t>(static_cast<int64_t>(number));
    return static_cast<int64_t>((high << 32) | static_cast<uint64_t>(second));
  }
  return static_cast<int64_t>(number);
}

std::string Value::toString() const {
  std::string utf8;
  utf8.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    auto code = static_cast<uint32_t>(payload[i]);
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < count) {
      const auto low = static_cast<uint32_t>(payload[i + 1]);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      }
    }
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;  // a lone surrogate has no UTF-8 form
    if (code < 0x80) {
      utf8.push_back(static_cast<char>(code));
    } else {
      const int tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      static constexpr int kLead[] = {0, 0xc0, 0xe0, 0xf0};
      utf8.push_back(static_cast<char>(kLead[tail] | (code >> (6 * tail))));
      for (int k = tail - 1; k >= 0; k--) utf8.push_back(static_cast<char>(0x80 | ((code >> (6 * k)) & 0x3f)));
    }
  }
  return utf8;
}

Value TapeReader::next() {
  Value v;
  v.tag = static_cast<Tag>(static_cast<int>(raw()));
  switch (v.tag) {
    case Tag::Default:
    case Tag::Null:
      break;
    case Tag::Bool:
    case Tag::Number:
    case Tag::Tensor:
    case Tag::Generator:
      v.number = raw();
      break;
    case Tag::BigInt:
    case Tag::Complex:
      v.number = raw();
      v.second = raw();
      break;
    case Tag::String: {
      v.count = static_cast<uint32_t>(raw());
      if (v.count > static_cast<size_t>(end_ - at_)) throw std::out_of_range("a string runs past the tape's end");
      v.payload = at_;
      at_ += v.count;
      v.end = at_;
      break;
    }
    case Tag::List: {
      v.count = static_cast<uint32_t>(raw());
      v.payload = at_;
      for (uint32_t i = 0; i < v.count; i++) next();
      v.end = at_;
      break;
    }
    default:
      throw std::invalid_argument("unknown tag on the tape of arguments");
  }
  return v;
}

void TapeWriter::integer(int64_t x) {
  if (std::abs(static_cast<double>(x)) <= kMaxSafeInteger) {
    value(Tag::Number, static_cast<double>(x));
  } else {
    tag(Tag::BigInt);
    number(static_cast<double>(x >> 32));
    number(static_cast<double>(static_cast<uint64_t>(x) & 0xffffffffULL));
  }
}

void TapeWriter::string(const std::string& utf8) {
  value(Tag::String, 0);
  const size_t start = out_.size();
  for (size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const size_t tail = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    uint32_t code = tail == 0 ? lead : lead & (0x3f >> tail);
    for (size_t k = 1; k <= tail && i + k < utf8.size(); k++) code = (code << 6) | (utf8[i + k] & 0x3f);
    i += tail + 1;
    if (code >= 0x10000) {
      number(0xd800 + ((code - 0x10000) >> 10));
      number(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      number(code);
    }
  }
  out_[start - 1] = static_cast<double>(out_.size() - start);
}

}  // namespace mien
