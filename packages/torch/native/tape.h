// The tape: a Float64Array that JavaScript and C++ share, on which the arguments and results of one call are written.
// Node-API needs 30 to 150 ns to look at one JavaScript value; reading a double from shared memory needs none of that,
// so an operator call crosses the border once, whatever its number of arguments.
//
// A value is a tag followed by its payload:
//   Default            use the schema's default
//   Null               None
//   Bool b             0 or 1
//   Number x           JavaScript number; integral ones may stand for integers
//   BigInt hi lo       signed high and unsigned low 32 bits
//   Tensor h           handle
//   Generator h        handle
//   String n u1 … un   UTF-16 code units
//   List n v1 … vn     values, nested
//   Complex re im
//   Same i             (results only) the i-th argument of the call, which the operator changed in place
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace mien {

enum class Tag : int {
  Default = 0,
  Null = 1,
  Bool = 2,
  Number = 3,
  BigInt = 4,
  Tensor = 5,
  Generator = 6,
  String = 7,
  List = 8,
  Complex = 9,
  Same = 10,
};

/// A value on the tape, not yet converted: where it lies and what it is.
struct Value {
  Tag tag = Tag::Default;
  double number = 0;  // Bool, Number, Tensor, Generator, Complex (real part), BigInt (high half)
  double second = 0;             // Complex (imaginary part), BigInt (low half)
  const double* payload = nullptr;  // String: code units; List: first element
  const double* end = nullptr;   // String, List: behind the last element
  uint32_t count = 0;            // String, List

  bool isIntegral() const;
  int64_t toInt() const;
  std::string toString() const;
};

class TapeReader {
 public:
  TapeReader(const double* begin, const double* end) : at_(begin), end_(end) {}
  Value next();
  double raw() {
    if (at_ >= end_) throw std::out_of_range("the tape of arguments ends in the middle of a value");
    return *at_++;
  }

 private:
  const double* at_;
  const double* end_;
};

/// Results are collected here and copied onto the tape at the end, when their length is known.
class TapeWriter {
 public:
  void tag(Tag t) { out_.push_back(static_cast<double>(static_cast<int>(t))); }
  void number(double x) { out_.push_back(x); }
  void value(Tag t, double x) {
    tag(t);
    number(x);
  }
  void integer(int64_t x);
  void string(const std::string& utf8);
  void clear() { out_.clear(); }
  const std::vector<double>& data() const { return out_; }

 private:
  std::vector<double> out_;
};

}  // namespace mien
