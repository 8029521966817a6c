// What a failure of TLS, or of a login, tells the operator.
#pragma once

#include <string>

#include "src/base/clock.h"
#include "src/net/failure.h"

namespace memcache_session {

// Whether this build knows TLS.
#ifdef MEMCACHE_SESSION_TLS
constexpr bool kHasTls = true;
#else
constexpr bool kHasTls = false;
#endif

// Details of a file that can be read and not be used, in place of errno: Failure::system_error.
constexpr int kWantsPassphrase = -3;  // it is encrypted, and no passphrase is given
constexpr int kWrongPassphrase = -4;
constexpr int kOtherKey = -5;  // the private key does not belong to the certificate

// A detail of kTlsProtocol in place of OpenSSL's reason: see TlsWire::kUnsentMax.
constexpr int kUnreadReplies = -6;

// Describes a failure whose kind is kHandshakeTimeout, kLoginRefused, or between them.
std::string tls_failure_text(Failure failure, Duration timeout);

}  // namespace memcache_session
