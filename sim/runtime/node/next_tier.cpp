// Keeps a connection to each server of the next tier. A server counts as up between its hello and
// the end of its connection; then all that it had is lost, and it is connected again after a pause.
// Probes tell a half-open connection from a slow answer, and measure the offset of its clock.

#include "sim/runtime/node/next_tier.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/runtime/node/probe_text.h"
#include "sim/runtime/transport/frame.h"

namespace offcut::runtime {
namespace {

constexpr int kFirstEchoes = 8;

}  // namespace

NextTier::NextTier(Transport& transport, const NextTierSettings& settings, const Hello& own,
                   Listener listener)
    : transport_(transport),
      loop_(transport.loop()),
      settings_(settings),
      hello_(to_text(own)),
      listener_(std::move(listener)),
      stream_(random_stream(settings.seed, "dispatch of a node")) {
  for (std::size_t site = 0; site < settings_.sites.size(); ++site) {
    by_site_.emplace_back();
    for (const std::string& address : settings_.sites[site]) {
      Server& server = *servers_.emplace_back(std::make_unique<Server>());
      server.address = address;
      server.number = servers_.size() - 1;
      server.site = site;
      server.pause = settings_.first_pause;
      by_site_.back().push_back(server.number);
    }
    if (settings_.dispatch) {
      dispatch_.emplace_back(settings_.dispatch);
    }
  }
  for (const auto& server : servers_) {
    connect(*server);
  }
  probing_ = loop_.at(loop_.now() + settings_.probes_every, [this] { probe(); });
}

NextTier::~NextTier() {
  *lives_ = false;
  loop_.cancel(probing_);
}

// --- connections

void NextTier::connect(Server& server) {
  server.connecting = transport_.connect(
      server.address, settings_.connects_within,
      [this, &server](std::unique_ptr<Channel> channel, const std::string& /*reason*/) {
        if (channel == nullptr) {
          connect_later(server);
        } else {
          connected(server, std::move(channel));
        }
      });
}

void NextTier::connect_later(Server& server) {
  loop_.at(loop_.now() + server.pause, [this, &server, lives = lives_] {
    if (*lives && server.channel == nullptr && !server.is_hopeless) {
      connect(server);
    }
  });
  server.pause = std::min(server.pause * 2, settings_.longest_pause);
}

void NextTier::connected(Server& server, std::unique_ptr<Channel> channel) {
  server.channel = std::move(channel);
  server.heard = loop_.now();
  server.clock = {};
  server.channel->listen(
      {.arrived = [this, &server](
                      Message message,
                      Arrival arrival) { arrived(server, std::move(message), arrival); },
       .closed = [this, &server](const std::string& reason) { close(server, reason); }});
  Message hello;
  hello.kind = MessageKind::hello;
  hello.text = hello_;
  server.channel->send(std::move(hello));
}

/// Gives a connection up. Its tasks are lost.
void NextTier::close(Server& server, const std::string& reason, bool for_good) {
  if (server.channel == nullptr) {
    return;
  }
  server.channel->close();
  closing_.push_back(std::move(server.channel));
  loop_.post([this, lives = lives_] {
    if (*lives) {
      closing_.clear();
    }
  });
  server.is_ready = false;
  server.is_sending = false;
  server.is_hopeless = for_good;
  server.line.clear();
  auto attempts = std::exchange(server.attempts, {});
  if (!for_good) {
    connect_later(server);
  }
  for (const auto& [number, attempt] : attempts) {
    listener_.lost(attempt.task, reason);
  }
  if (for_good) {
    listener_.hopeless(fmt::format("{}: {}", server.address, reason));
  }
}

void NextTier::arrived(Server& server, Message message, Arrival arrival) {
  if (server.channel == nullptr) {
    return;
  }
  server.heard = loop_.now();
  switch (message.kind) {
    case MessageKind::hello: {
      Hello hello;
      try {
        hello = read_hello(message.text);
      } catch (const std::invalid_argument& error) {
        close(server, error.what(), true);
        return;
      }
      if (!hello.refusal.empty()) {
        close(server, hello.refusal, true);
        return;
      }
      server.hello = std::move(hello);
      server.first_echoes = 0;
      send_probe(server);
      return;
    }
    case MessageKind::echo:
      if (const auto times = echo_times(message.text)) {
        server.clock.add(times->sent, times->arrived, times->answered, arrival.last);
        if (!server.is_ready) {
          ++server.first_echoes < kFirstEchoes ? send_probe(server) : become_ready(server);
        }
      }
      return;
    case MessageKind::refusal:
    case MessageKind::answer: {
      const auto found = server.attempts.find(message.request);
      if (found == server.attempts.end()) {
        return;  // Its task gave up.
      }
      const Task task = found->second.task;
      server.attempts.erase(found);
      if (message.kind == MessageKind::refusal) {
        listener_.refused(task, message.text);
      } else {
        listener_.answered(task, std::move(message), arrival, server.number);
      }
      return;
    }
    case MessageKind::request:
    case MessageKind::probe:
      close(server, "it sent what only the tier before may send");
      return;
  }
}

void NextTier::send_probe(Server& server) {
  Message message;
  message.kind = MessageKind::probe;
  message.text = probe_text(loop_.now());
  server.channel->send(std::move(message));
}

void NextTier::become_ready(Server& server) {
  server.is_ready = server.was_ready = true;
  server.cores = std::max<std::size_t>(server.hello.cores, 1);
  server.pause = settings_.first_pause;
  Hello hello = server.hello;
  const Seconds error = server.clock.error();
  for (Seconds& later : hello.clock_errors) {
    later += error;
  }
  hello.clock_errors.insert(hello.clock_errors.begin(), error);
  listener_.ready(hello);
}

/// Probes each server, and gives up those that have been silent for too long.
void NextTier::probe() {
  probing_ = loop_.at(loop_.now() + settings_.probes_every, [this] { probe(); });
  for (const auto& server : servers_) {
    if (!server->is_ready) {  // Its hello must come first.
      continue;
    }
    if (loop_.now() - server->heard > settings_.patience) {
      close(*server, fmt::format("silent for {} s", settings_.patience.si()));
      continue;
    }
    send_probe(*server);
  }
}

// --- requests

bool NextTier::is_up() const {
  return std::any_of(servers_.begin(), servers_.end(), [this](const auto& server) {
    return server->is_ready && (server->site == 0 || settings_.may_leave_site);
  });
}

/// Returns what this node knows of a server: its own requests there, as if they began when they
/// were sent.
scheduling::ServerState NextTier::state_of(const Server& server) const {
  scheduling::ServerState state;
  state.is_up = server.is_ready;
  state.cores = server.cores;
  for (const auto& [number, attempt] : server.attempts) {
    if (state.running < state.cores) {
      ++state.running;
      ++state.busy;
      state.running_ends += attempt.begun + attempt.service;
    } else {
      ++state.waiting;
      state.waiting_work += attempt.service;
    }
  }
  return state;
}

std::optional<std::size_t> NextTier::choose(const scheduling::Job& job) {
  for (std::size_t site = 0; site < by_site_.size(); ++site) {
    if (site > 0 && !settings_.may_leave_site) {
      break;
    }
    std::vector<scheduling::ServerState> states;
    for (const std::size_t number : by_site_[site]) {
      states.push_back(state_of(*servers_[number]));
    }
    if (std::none_of(states.begin(), states.end(),
                     [](const scheduling::ServerState& state) { return state.is_up; })) {
      continue;
    }
    std::size_t chosen = states.size();
    if (!dispatch_.empty()) {
      chosen = dispatch_[site].choose(states, job, loop_.now(), stream_);
    } else {
      for (std::size_t i = 0; i < states.size(); ++i) {
        if (states[i].is_up &&
            (chosen == states.size() || states[i].load() < states[chosen].load())) {
          chosen = i;
        }
      }
    }
    return by_site_[site][chosen];
  }
  return std::nullopt;
}

bool NextTier::send(Task task, const scheduling::Job& job, Message message) {
  const auto chosen = choose(job);
  if (!chosen) {
    return false;
  }
  Server& server = *servers_[*chosen];
  message.kind = MessageKind::request;
  message.request = ++numbered_;
  server.attempts[numbered_] = {.task = task, .service = job.service, .begun = loop_.now()};
  server.line.push_back({numbered_, std::move(message)});
  send_next(server);
  return true;
}

/// Sends the first message of the line, unless one is being sent.
void NextTier::send_next(Server& server) {
  if (server.is_sending || server.line.empty() || server.channel == nullptr) {
    return;
  }
  Waiting next = std::move(server.line.front());
  server.line.erase(server.line.begin());
  server.is_sending = true;
  const Seconds begin = loop_.now();
  const std::size_t bytes = frame_bytes(next.message);
  const Channel* over = server.channel.get();
  server.channel->send(
      std::move(next.message),
      [this, &server, over, begin, bytes, number = next.number, lives = lives_](Seconds end) {
        if (!*lives || server.channel.get() != over) {
          return;
        }
        server.is_sending = false;
        const auto found = server.attempts.find(number);
        if (found != server.attempts.end()) {
          found->second.is_sent = true;
          listener_.sent(found->second.task, begin, end, bytes);
        }
        send_next(server);
      });
}

void NextTier::withdraw(Task task) {
  for (const auto& server : servers_) {
    for (auto attempt = server->attempts.begin(); attempt != server->attempts.end(); ++attempt) {
      if (attempt->second.task == task) {
        std::erase_if(server->line,
                      [&](const Waiting& waiting) { return waiting.number == attempt->first; });
        server->attempts.erase(attempt);
        return;
      }
    }
  }
}

}  // namespace offcut::runtime
