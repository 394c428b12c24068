#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "sim/engine/core/run_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/outages.h"
#include "sim/engine/run_end.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The messages of a run's updates, and the versions of models on devices and sites.
class ModelUpdates final : Network::Listener, Network::Watcher, EventQueue::Handler {
 public:
  /// The simulation must have updates. The arguments must outlive it.
  ModelUpdates(const Simulation& simulation, const Legs& legs, const network::Places& places,
               EventQueue& events, Network& network, LinkBooks& links, RunBooks& books,
               const Observers& observers);

  /// Hears of links that come up, and lets the run end without its messages.
  void listen(Outages& outages, RunEnd& end);
  void start();
  /// Returns the newest version that all machines on the request's way have; none if its model has
  /// no updates.
  std::optional<std::int32_t> version_of(const Request* request) const;
  /// Returns the messages that have not arrived.
  std::vector<Request*> unfinished();
  /// Fills in what the hops carried.
  void close(std::vector<HopUsage>& hops);

 private:
  static constexpr std::size_t kUpload = static_cast<std::size_t>(-1);
  enum Kind : std::uint32_t { kPush, kCollect, kArrived, kLoaded };

  /// A message over one hop, whose number is that of the tier that it leads to, or comes from. It
  /// is parked while it is paused.
  struct Message : Request {
    std::size_t model = kUpload;  // Or an upload.
    std::size_t upload = 0;
    std::int32_t version = 0;
    std::size_t target = 0;  // The site or device that it goes to, or an upload comes from.
    bool background = false;
    bool is_started = false;  // A part of it may have crossed.
    bool waits_for_link = false;
    bool is_live = false;
  };
  /// A link in one direction: the messages of requests that are under way on it, and those in the
  /// background that want it.
  struct Busy {
    std::int64_t requests = 0;
    std::vector<Message*> background;
  };
  /// The pushes of a model to a site or device. One at a time is under way; of those that come
  /// meanwhile, the newest follows.
  struct Way {
    bool is_taken = false;
    std::int32_t next = 0;  // 0: none.
  };
  struct Carried {
    Bytes bytes;
    std::int64_t messages = 0;
    Bytes part;  // The bytes that crossed of messages that were lost.
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void sent(Request* request) override;
  void message_lost(Request* request) override;
  void begins(const Request* request) override;
  void ends(const Request* request) override;

  void schedule(Kind kind, std::size_t index, const UpdateSchedule& times, std::size_t n);
  void push(std::size_t model, std::int32_t version);
  void push_to(std::size_t model, std::int32_t version, std::size_t tier, std::size_t from_site);
  void push_one(std::size_t model, std::int32_t version, std::size_t tier, std::size_t place);
  void collect(std::size_t upload, std::size_t place);
  void link_up();
  void send(Message* message, std::size_t hop, bool up, std::size_t device, Bytes bytes);
  void try_to_send(Message* message);
  void arrived(Message* message);
  void loaded(Message* message);
  void finish(Message* message);
  void report(RunEvent::Kind kind, std::size_t tier, std::size_t place, const Message& message);
  void report_span(const Message* message, Span::Outcome outcome, double delay) const;
  Bytes bytes_for(std::size_t model, std::size_t tier) const;
  bool is_device(std::size_t tier) const { return tier < simulation_.groups; }
  bool is_free(const Message* message);
  /// Calls `visit` with the key of each link that the message of a request or an update crosses.
  template <class Visit>
  void each_link(const Request* request, Visit visit) const;
  Message* take();
  Carried& carried_of(const Message* message) {
    return carried_[2 * message->stage + (message->up ? 0 : 1)];
  }

  const Simulation& simulation_;
  const Updates& updates_;
  const Legs& legs_;
  const network::Places& places_;
  EventQueue& events_;
  Network& network_;
  LinkBooks& links_;
  RunBooks& books_;
  const Observers& observers_;
  /// By update, tier, and device or site.
  std::vector<std::vector<std::vector<std::int32_t>>> versions_;
  std::vector<std::vector<std::vector<Way>>> ways_;
  std::vector<std::vector<std::size_t>> first_device_of_;  // By tier and site; kNoDevice: none.
  /// By upload and place: those that have not reached the last tier. One at a time is sent.
  std::vector<std::vector<std::int64_t>> pending_;
  std::deque<Message> messages_;  // They never move.
  std::vector<Message*> unused_;
  std::unordered_map<std::uint64_t, Busy> busy_;
  std::vector<Carried> carried_;  // By hop: up, down.
  std::int64_t sent_ = 0;
};

}  // namespace offcut::engine
