// Turns a message into pieces of memory for a socket. The checksum of the tensors is computed piece
// by piece just before each is handed over, so that the system copies it from the processor's
// cache, and follows in the trailer.
#include "sim/runtime/transport/outgoing_frame.h"

#include <algorithm>
#include <utility>

#include "sim/runtime/transport/field_bytes.h"

namespace offcut::runtime {
namespace {

constexpr std::size_t kMostPieces = 60;  // Asio passes at most 64 to the system at once.

}  // namespace

OutgoingFrame::OutgoingFrame(Message message) : message_(std::move(message)) {
  const std::vector<std::byte> fields = encode_fields(message_);
  std::size_t payload = 0;
  segments_.emplace_back();
  for (const MessageTensor& tensor : message_.tensors) {
    const std::span<const std::byte> bytes = payload_of(tensor);
    if (!bytes.empty()) {
      segments_.push_back(bytes);
      payload += bytes.size();
    }
  }
  const HeaderBytes header =
      encode(FrameHeader{message_.kind, message_.request, static_cast<std::uint32_t>(fields.size()),
                         payload, checksum(fields)});
  head_.reserve(header.size() + fields.size());
  head_.insert(head_.end(), header.begin(), header.end());
  head_.insert(head_.end(), fields.begin(), fields.end());
  segments_.front() = head_;
  if (payload > 0) {
    segments_.push_back(trailer_);
  }
  body_bytes_ = fields.size() + payload;
  rest_ = head_.size() + payload + (payload > 0 ? kTrailerBytes : 0);
}

std::span<const std::span<const std::byte>> OutgoingFrame::next(std::size_t most) {
  pieces_.clear();
  std::size_t segment = segment_;
  std::size_t offset = offset_;
  while (segment < segments_.size() && most > 0 && pieces_.size() < kMostPieces) {
    const auto rest = segments_[segment].subspan(offset);
    const auto piece = rest.first(std::min(rest.size(), most));
    pieces_.push_back(piece);
    most -= piece.size();
    hash_until(segment, offset + piece.size());
    offset += piece.size();
    if (offset == segments_[segment].size()) {
      ++segment;
      offset = 0;
    }
  }
  return pieces_;
}

/// Sums up the checksum of the tensors' bytes before that place; once it comes to the trailer, the
/// checksum is written there.
void OutgoingFrame::hash_until(std::size_t segment, std::size_t offset) {
  if (segment == 0 || hashed_segment_ >= segments_.size()) {
    return;
  }
  const std::size_t trailer = segments_.size() - 1;
  while (hashed_segment_ < trailer && hashed_segment_ <= segment) {
    const auto bytes = segments_[hashed_segment_];
    const std::size_t end = hashed_segment_ < segment ? bytes.size() : offset;
    if (end > hashed_offset_) {
      checksum_.add(bytes.subspan(hashed_offset_, end - hashed_offset_));
      hashed_offset_ = end;
    }
    if (hashed_offset_ < bytes.size()) {
      return;
    }
    ++hashed_segment_;
    hashed_offset_ = 0;
  }
  if (segment == trailer && hashed_segment_ == trailer) {
    FieldWriter sum;
    sum.number(checksum_.value());
    std::ranges::copy(sum.take(), trailer_.begin());
    hashed_segment_ = segments_.size();
  }
}

void OutgoingFrame::advance(std::size_t count) {
  rest_ -= count;
  while (count > 0) {
    const std::size_t taken = std::min(count, segments_[segment_].size() - offset_);
    offset_ += taken;
    count -= taken;
    if (offset_ == segments_[segment_].size()) {
      ++segment_;
      offset_ = 0;
    }
  }
}

}  // namespace offcut::runtime
