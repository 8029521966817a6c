// The part of ServerTrip that chooses the protocol of a connection: protocol.md, "The meta
// protocol".
#include <string_view>

#include "src/net/server_trip.h"
#include "src/wire/classic.h"
#include "src/wire/meta.h"

namespace memcache_session {

// The commands are to be sent on the present connection, and nothing of them was sent on it.
void ServerTrip::prepare() {
    request_->connection = connection_->id();
    probes_ = !kept_ && !gave_up_probe_ && meta_ != nullptr && meta_->is_probed(*server_);
    const bool may_be_meta = meta_ != nullptr && !server_->proxy;
    const Protocol& protocol = may_be_meta ? connection_->protocol() : kClassicProtocol;
    incoming_.begin(protocol, request_, probes_);
    outgoing_.prepare(protocol, *request_, probes_ ? kMetaProbe : std::string_view());
}

// Whether the server may have closed the connection because it was asked for the meta protocol, as
// nutcracker does. It has run no command then, so the commands may be sent without the probe.
bool ServerTrip::may_resend_without_probe() const {
    return probes_ && incoming_.is_empty() && meta_->spoken(*server_) != MetaServers::Speaks::kMeta;
}

// Takes note of what the server speaks.
void ServerTrip::note_protocol() {
    if (gave_up_probe_ && !incoming_.is_empty()) {
        meta_->note(*server_, MetaServers::Speaks::kClassicOnly);
    }
    if (!incoming_.has_probe_reply()) {
        return;
    }
    const bool speaks_meta = incoming_.speaks_meta();
    meta_->note(*server_, speaks_meta ? MetaServers::Speaks::kMeta : MetaServers::Speaks::kClassic);
    if (speaks_meta && connection_) {
        connection_->set_protocol(kMetaProtocol);
    }
}

}  // namespace memcache_session
