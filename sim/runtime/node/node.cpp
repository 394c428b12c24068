// The connections of a node, and what it must know before it takes requests. A node with a next
// tier waits for that tier's hello, which says which tensors it needs; only then does it greet the
// tier before it, so that readiness travels from the last tier to the device.

#include "sim/runtime/node/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/runtime/node/probe_text.h"
#include "sim/runtime/node/refusal.h"
#include "sim/runtime/transport/same_token.h"

namespace offcut::runtime {
namespace {

constexpr Seconds kClosesAfter{0.1};

/// Returns the predicted times of all cuts, and of the whole network after them.
std::vector<std::vector<Seconds>> services_of(const NodeSettings& settings) {
  std::vector<std::vector<Seconds>> services;
  for (const NodeCut& cut : settings.cuts) {
    services.push_back(cut.service);
  }
  if (settings.whole) {
    services.push_back(settings.whole->service);
  }
  return services;
}

const TensorSpec* find_spec(const std::vector<TensorSpec>& specs, const std::string& name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [&](const TensorSpec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

}  // namespace

Node::Node(Transport& transport, Computer& computer, NodeSettings settings)
    : transport_(transport),
      loop_(transport.loop()),
      computer_(computer),
      settings_(std::move(settings)),
      station_(loop_, settings_.scheduling, computer.cores(), services_of(settings_),
               [this](const Station::Turn& turn) { begin(turn); }) {
  own_ = {.token = settings_.token,
          .model = settings_.model,
          .tiers = {settings_.tier},
          .cores = computer.cores(),
          .cuts = {},
          .clock_errors = {}};
  own_.cuts.resize(settings_.cuts.size());
  if (!settings_.next) {
    learn({});
    become_ready();
    return;
  }
  next_ = std::make_unique<NextTier>(
      transport_, *settings_.next, own_,
      NextTier::Listener{
          .answered =
              [this](NextTier::Task number, Message answer, Arrival arrival, std::size_t server) {
                if (Task* task = find(number)) {
                  answered(*task, std::move(answer), arrival, server);
                }
              },
          .refused =
              [this](NextTier::Task number, const std::string& reason) {
                if (Task* task = find(number)) {
                  refused(*task, reason);
                }
              },
          .lost =
              [this](NextTier::Task number, const std::string& reason) {
                update_readiness();
                if (Task* task = find(number)) {
                  ++task->times.failures;
                  recover(*task, reason);
                }
              },
          .sent =
              [this](NextTier::Task number, Seconds begin, Seconds end, std::size_t bytes) {
                if (Task* task = find(number)) {
                  task->times.send_begins = begin;
                  task->times.own.sent = end;
                  task->times.up_bytes = bytes;
                }
              },
          .ready =
              [this](const Hello& next) {
                if (!is_ready_) {
                  learn(next);
                  become_ready();
                }
                update_readiness();
                wake_parked();
              },
          .hopeless =
              [this](const std::string& reason) {
                if (hopeless_) {
                  hopeless_(reason);
                }
              }});
}

Node::~Node() { *lives_ = false; }

void Node::on_hopeless(std::function<void(const std::string& reason)> sink) {
  hopeless_ = std::move(sink);
}

void Node::on_ready(std::function<void()> sink) {
  ready_ = std::move(sink);
  if (is_ready_ && ready_) {
    ready_();
  }
}

std::string Node::listen(const std::string& address) {
  listening_.push_back(transport_.listen(
      address, [this](std::unique_ptr<Channel> channel) { accept(std::move(channel)); }));
  return transport_.address_of(*listening_.back());
}

// --- what the node must know

/// Derives the routes of tensors from the needs of the next tier, and the node's own specs.
void Node::learn(const Hello& next) {
  if (next_ != nullptr && next.cuts.size() != settings_.cuts.size()) {
    if (hopeless_) {
      hopeless_(fmt::format("the next tier has {} cuts; expected {}", next.cuts.size(),
                            settings_.cuts.size()));
    }
    return;
  }
  routes_.assign(settings_.cuts.size() + (settings_.whole ? 1 : 0), {});
  for (std::size_t number = 0; number < routes_.size(); ++number) {
    const Part& part = cut(number).part;
    Route& route = routes_[number];
    const bool has_next = next_ != nullptr && number < whole_cut();
    const CutSpec beyond = has_next ? next.cuts[number] : CutSpec();
    route.goes_on = beyond.is_used;
    route.next = beyond.service;
    route.servers = beyond.total;
    const std::vector<TensorSpec> outputs = part.outputs();
    std::set<std::string> onward;
    CutSpec spec{.is_used = part.graph != nullptr || beyond.is_used,
                 .needs = part.inputs(),
                 .gives = beyond.gives,
                 .service = station_.service(number),
                 .total = station_.service(number) + beyond.total,
                 .layers = beyond.layers};
    for (const TensorSpec& need : beyond.needs) {
      const TensorSpec* made = find_spec(outputs, need.name);
      const TensorSpec* read = find_spec(spec.needs, need.name);
      const TensorSpec* known = made != nullptr ? made : read;
      if (known != nullptr && known->type != need.type && hopeless_) {
        hopeless_(fmt::format("the next tier needs '{}' as {}, and gets {}; are both of one split?",
                              need.name, to_text(need.type), to_text(known->type)));
      }
      const auto codec = part.codecs.find(need.name);
      route.bytes += Bytes(static_cast<double>(made != nullptr && codec != part.codecs.end()
                                                   ? codec->second->byte_bound(need.type)
                                                   : need.type.bytes()));
      if (made != nullptr) {
        onward.insert(need.name);
      } else {
        route.relayed.insert(need.name);
        if (read == nullptr) {
          spec.needs.push_back(need);
        }
      }
    }
    for (const TensorSpec& output : outputs) {
      if (part.results ? part.results->contains(output.name) : !onward.contains(output.name)) {
        route.results.insert(output.name);
        spec.gives.push_back(output);
      }
    }
    spec.layers.insert(spec.layers.begin(), part.layers());
    route.onward = std::make_shared<const std::set<std::string>>(std::move(onward));
    if (number < whole_cut()) {
      own_.cuts[number] = std::move(spec);
    }
  }
  own_.tiers.insert(own_.tiers.end(), next.tiers.begin(), next.tiers.end());
  own_.clock_errors = next.clock_errors;
}

void Node::become_ready() {
  if (routes_.empty()) {
    return;
  }
  is_ready_ = true;
  update_readiness();
  for (auto& [number, peer] : peers_) {
    if (peer.is_greeted) {
      send_hello(peer);
    }
  }
  if (ready_) {
    ready_();
  }
}

void Node::update_readiness() {
  const bool goes_on =
      std::any_of(routes_.begin(), routes_.end(), [](const Route& route) { return route.goes_on; });
  can_answer_ = is_ready_ &&
                (!goes_on || (next_ != nullptr && next_->is_up()) || settings_.whole.has_value());
}

ModelSpec Node::spec(std::size_t number) const {
  return {settings_.model, own_.cuts[number].needs, own_.cuts[number].gives};
}

// --- connections of the tier before

void Node::accept(std::unique_ptr<Channel> channel) {
  const std::uint64_t number = ++last_peer_;
  Peer& peer = peers_[number];
  peer.number = number;
  peer.channel = std::move(channel);
  peer.channel->listen(
      {.arrived = [this, number](Message message,
                                 Arrival at) { arrived(number, std::move(message), at); },
       .closed = [this, number](const std::string& /*reason*/) { close(number); }});
}

void Node::arrived(std::uint64_t number, Message message, Arrival arrival) {
  const auto found = peers_.find(number);
  if (found == peers_.end()) {
    return;
  }
  Peer& peer = found->second;
  switch (message.kind) {
    case MessageKind::hello:
      if (peer.is_greeted || peer.prober || !greet(peer, message)) {
        close(number);
      }
      return;
    case MessageKind::probe: {
      if (peer.prober) {
        peer.prober->answer(*peer.channel, loop_, message, arrival);
        return;
      }
      Message echo;
      echo.kind = MessageKind::echo;
      echo.text = echo_text(message.text, arrival.last, loop_.now());
      peer.channel->send(std::move(echo));
      return;
    }
    case MessageKind::request:
      if (peer.is_greeted && is_ready_) {
        take_request(peer, std::move(message), arrival);
        return;
      }
      [[fallthrough]];
    default:  // It does not speak this protocol.
      close(number);
      return;
  }
}

/// Returns whether the peer may send probes of any size, and nothing else.
bool Node::greet_prober(Peer& peer, const std::string& token) {
  peer.channel->send({.kind = MessageKind::hello});
  if (!is_same_token(token, settings_.token)) {
    peer.channel->send({.kind = MessageKind::refusal, .text = "the token is wrong"});
    return false;
  }
  peer.prober.emplace();
  return true;
}

/// Returns whether the peer may send requests, or probes.
bool Node::greet(Peer& peer, const Message& message) {
  if (const std::optional<std::string> token = prober_token(message.text)) {
    return greet_prober(peer, *token);
  }
  Hello hello;
  std::string reason;
  try {
    hello = read_hello(message.text);
    if (!is_same_token(hello.token, settings_.token)) {
      reason = "its token is not that of this server (--token)";
    } else if (hello.cuts.size() != settings_.cuts.size()) {
      reason = fmt::format("it has {} cuts; expected {}", hello.cuts.size(), settings_.cuts.size());
    }
  } catch (const std::invalid_argument& error) {
    reason = error.what();
  }
  if (!reason.empty()) {
    send_hello(peer, reason);
    return false;
  }
  peer.is_greeted = true;
  if (is_ready_) {
    send_hello(peer);
  }
  return true;
}

void Node::send_hello(Peer& peer, const std::string& refusal) {
  Hello hello = refusal.empty() ? own_ : Hello();
  hello.token.clear();  // The peer knows it, or must not.
  hello.refusal = refusal;
  Message message;
  message.kind = MessageKind::hello;
  message.text = to_text(hello);
  peer.channel->send(std::move(message));
}

void Node::refuse(Peer& peer, std::uint64_t request, const std::string& reason) {
  Message message;
  message.kind = MessageKind::refusal;
  message.request = request;
  message.text = reason;
  peer.channel->send(std::move(message));
}

/// Forgets a peer, with its tasks. Messages that were sent before still go out.
void Node::close(std::uint64_t number) {
  const auto found = peers_.find(number);
  if (found == peers_.end()) {
    return;
  }
  // The channel may be calling this function, and may have a refusal to hand over.
  closing_[number] = std::move(found->second.channel);
  peers_.erase(found);
  loop_.at(loop_.now() + kClosesAfter, [this, number, lives = lives_] {
    if (*lives) {
      closing_.erase(number);
    }
  });
  std::vector<std::uint64_t> orphans;
  for (const auto& [task, known] : tasks_) {
    if (known.peer == number) {
      orphans.push_back(task);
    }
  }
  for (const std::uint64_t orphan : orphans) {
    if (Task* task = find(orphan)) {
      finish(*task, CallEnd::How::interrupted);
    }
  }
}

void Node::stop() {
  listening_.clear();
  while (!tasks_.empty()) {
    finish(tasks_.begin()->second, CallEnd::How::interrupted, "the node was stopped");
  }
  next_.reset();
  for (auto& [number, peer] : peers_) {
    peer.channel->close();
  }
  peers_.clear();
  closing_.clear();
  is_ready_ = false;
  can_answer_ = false;
  if (flushing_ != 0) {
    loop_.cancel(flushing_);
    flushing_ = 0;
  }
}

void Node::check_counts() const {
  if (counts_.received != counts_.ended() + static_cast<std::int64_t>(tasks_.size())) {
    throw std::logic_error(fmt::format("{} requests came, and {} ended or are here",
                                       counts_.received,
                                       counts_.ended() + static_cast<std::int64_t>(tasks_.size())));
  }
}

}  // namespace offcut::runtime
