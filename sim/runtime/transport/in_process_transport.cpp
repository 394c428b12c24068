// Channels within a process. A message is an action of the loop at the time of its last byte, so
// that tests by virtual time see exact times of arrival.
#include "sim/runtime/transport/in_process_transport.h"

#include <algorithm>
#include <utility>

#include "models/base/error.h"
#include "sim/runtime/transport/frame.h"

namespace offcut::runtime {

/// One side of a channel.
class InProcessTransport::End : public std::enable_shared_from_this<End> {
 public:
  End(Loop& loop, InProcessLink link, std::string peer)
      : loop_(loop), link_(link), peer_(std::move(peer)) {}

  static void join(const std::shared_ptr<End>& one, const std::shared_ptr<End>& other) {
    one->other_ = other;
    other->other_ = one;
  }

  void listen(Channel::Listener listener) { listener_ = std::move(listener); }

  void send(Message message, const std::function<void(Seconds)>& sent) {
    if (is_closed_) {
      return;
    }
    const std::size_t bytes = frame_bytes(message);
    const Seconds start = std::max(loop_.now(), free_at_);
    free_at_ = start + Bytes(static_cast<double>(bytes)) / link_.rate;
    waiting_ += bytes;
    loop_.at(free_at_, [self = shared_from_this(), bytes, sent, time = free_at_] {
      self->waiting_ -= bytes;
      if (sent && !self->is_closed_) {
        sent(time);
      }
    });
    const Arrival arrival{start + link_.latency, free_at_ + link_.latency};
    loop_.at(arrival.last, [to = other_, from = weak_from_this(),
                            shared = std::make_shared<Message>(std::move(message)), arrival] {
      const auto sender = from.lock();
      const auto end = to.lock();
      if (end != nullptr && sender != nullptr && !sender->is_lost_) {
        end->arrive(std::move(*shared), arrival);
      }
    });
  }

  std::size_t waiting() const { return waiting_; }
  const std::string& peer() const { return peer_; }

  /// Closes this side, silently, and the other one after the messages that are on their way to it.
  void close() {
    if (is_closed_) {
      return;
    }
    is_closed_ = true;
    loop_.at(std::max(loop_.now(), free_at_) + link_.latency,
             [to = other_, self = shared_from_this()] {
               if (const auto end = to.lock()) {
                 end->fail("it closed the connection");
               }
             });
  }

  /// Closes this side and says so. Its messages on their way are lost.
  void fail(const std::string& reason) {
    is_lost_ = true;
    if (is_closed_) {
      return;
    }
    is_closed_ = true;
    loop_.post([self = shared_from_this(), reason] {
      if (!self->is_abandoned_ && self->listener_.closed) {
        self->listener_.closed(reason);
      }
    });
  }

  void abandon() {
    close();
    is_abandoned_ = true;
  }

 private:
  void arrive(Message message, Arrival arrival) {
    if (is_closed_) {
      return;
    }
    if (!has_greeted_ && message.kind != MessageKind::hello) {
      close();
      is_closed_ = false;
      fail(reason_without_hello(message.kind));
      return;
    }
    has_greeted_ = true;
    if (listener_.arrived) {
      listener_.arrived(std::move(message), arrival);
    }
  }

  Loop& loop_;
  const InProcessLink link_;
  const std::string peer_;
  std::weak_ptr<End> other_;
  Channel::Listener listener_;
  Seconds free_at_;
  std::size_t waiting_ = 0;
  bool has_greeted_ = false;
  bool is_closed_ = false;
  bool is_lost_ = false;
  bool is_abandoned_ = false;
};

class InProcessTransport::EndHandle final : public Channel {
 public:
  explicit EndHandle(std::shared_ptr<End> end) : end_(std::move(end)) {}
  ~EndHandle() override { end_->abandon(); }

  void listen(Listener listener) override { end_->listen(std::move(listener)); }
  void send(Message message, std::function<void(Seconds)> sent) override {
    end_->send(std::move(message), sent);
  }
  std::size_t waiting_bytes() const override { return end_->waiting(); }
  void close() override { end_->abandon(); }
  std::string peer() const override { return end_->peer(); }

 private:
  std::shared_ptr<End> end_;
};

class InProcessTransport::Listening final : public Handle {
 public:
  Listening(InProcessTransport& transport, std::string address,
            std::function<void(std::unique_ptr<Channel>)> accept)
      : transport_(transport), address_(std::move(address)), accept_(std::move(accept)) {
    transport_.listening_.emplace(address_, this);
  }
  ~Listening() override { transport_.listening_.erase(address_); }

  const std::string& address() const { return address_; }
  const std::function<void(std::unique_ptr<Channel>)>& accept() const { return accept_; }

 private:
  InProcessTransport& transport_;
  const std::string address_;
  const std::function<void(std::unique_ptr<Channel>)> accept_;
};

class InProcessTransport::Connecting final : public Handle {
 public:
  explicit Connecting(std::shared_ptr<bool> wanted) : wanted_(std::move(wanted)) {}
  ~Connecting() override { *wanted_ = false; }

 private:
  std::shared_ptr<bool> wanted_;
};

std::unique_ptr<Handle> InProcessTransport::listen(
    const std::string& address, std::function<void(std::unique_ptr<Channel>)> accept) {
  if (address.empty() || listening_.contains(address)) {
    throw InputError(Place{.file = address},
                     address.empty() ? "the address is empty" : "the address is in use");
  }
  return std::make_unique<Listening>(*this, address, std::move(accept));
}

std::string InProcessTransport::address_of(const Handle& listening) const {
  return dynamic_cast<const Listening&>(listening).address();
}

std::unique_ptr<Handle> InProcessTransport::connect(const std::string& address, Seconds patience,
                                                    Connected connected) {
  const auto wanted = std::make_shared<bool>(true);
  const auto found_links = links_.find(address);
  const Links links = found_links == links_.end() ? Links{} : found_links->second;
  const Seconds round_trip = links.up.latency + links.down.latency;
  const bool is_late = round_trip > patience;
  loop_.at(loop_.now() + std::min(round_trip, patience),
           [this, wanted, address, links, is_late, patience, connected] {
             if (!*wanted) {
               return;
             }
             *wanted = false;
             const auto found = listening_.find(address);
             if (is_late || found == listening_.end()) {
               connected(nullptr, is_late ? "no connection within " + to_readable(patience)
                                          : "nothing listens at this address");
               return;
             }
             const auto near = std::make_shared<End>(loop_, links.up, address);
             const auto far = std::make_shared<End>(loop_, links.down, "a node in this process");
             End::join(near, far);
             std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
             open_.emplace(address, near);
             open_.emplace(address, far);
             found->second->accept()(std::make_unique<EndHandle>(far));
             connected(std::make_unique<EndHandle>(near), "");
           });
  return std::make_unique<Connecting>(wanted);
}

void InProcessTransport::set_links(const std::string& address, InProcessLink up,
                                   InProcessLink down) {
  links_[address] = {up, down};
}

void InProcessTransport::cut(const std::string& address, const std::string& reason) {
  const auto [begin, end] = open_.equal_range(address);
  for (auto entry = begin; entry != end; ++entry) {
    if (const auto side = entry->second.lock()) {
      side->fail(reason);
    }
  }
}

}  // namespace offcut::runtime
