#include "tests/sim/recorded_seeds.h"

#include <iterator>

namespace memcache_session::sim {

// A seed is never taken out. A change of the generator gives it another history: then its kind of
// defect needs a new seed, found by switching the mended code off.
const RecordedSeed kRecordedSeeds[] = {
    {7606973,
     "P2: read without lock, then written by another program and destroyed; flags and value were "
     "the same again, and the late store took that for unchanged"},
    {8412552, "P2: the same, where the session was destroyed before it was read as well"},
    {5214112,
     "P6: an orphaned lock on one server and a lock of a dead holder on the other guarded each "
     "other, and a waiter waited for the end of a lease"},
    {8310364, "P6: the same, where the dead holder had got its lock behind the orphaned one"},
    {5478685,
     "P4: a waiter took the lock of a holder whose release had reached two servers of three, "
     "because these two had just granted theirs"},
    {889133238252,
     "P2: a request saw a newer version on a server that failed before the request had all locks; "
     "its commit had the same version, and lost"},
    {294446568523,
     "P5: one copy of a tombstone was evicted, and a commit that met another copy of it was taken "
     "for the newer one"},
    {495543872422,
     "P2: a commit on a stand-in outranked another commit that was made since it had read"},
    {990826814260,
     "P2: a late repair on the first server had the version after ours, so that its writer passed "
     "for a reader of ours"},
    {350874846528,
     "P2: a lock whose cas had been moved was not renewed, and its lease ended before that of the "
     "others"},
    {19117,
     "P4: a destroyed copy of the session was removed under a commit that other servers had taken, "
     "and the next request had the lock already"},
    {464632269510,
     "P2: a commit with gaps, whose first store was refused, was stored only once after another "
     "look"},
    {263076932653,
     "P2: two processes died one after the other while they stored with gaps, each after its store "
     "on one server, and a third could see neither"},
    {637129385092,
     "P5: a tombstone had the version of a commit that it could not see, whose process had died, "
     "and a commit that had read that one took the tombstone for a copy of it"},
    {742780453393,
     "P2: two servers were full and the cas of the third had moved: a commit was stored there "
     "alone, and outranked one that a full server had"},
    {138151593469,
     "P5: a process died at the second of two stores with gaps, which is raised twice, and a "
     "tombstone on another server was raised once"},
    {138152336747,
     "P4: of two copies the cas of one had moved and the other had expired, so a commit under the "
     "lock was refused"},
    {723686737567,
     "P4: a lock that had been suspected was taken over while its holder, who had got the others "
     "and stored meanwhile, was just releasing it, and the holder's commit was refused"},
    {524235413135,
     "P5: a full server refused the tombstone and kept a commit that the destroy had not seen, and "
     "that outranked the other tombstone"},
    {880297631192,
     "P5: two servers had used up the time of an opening, which then left out the only server with "
     "the tombstone"},
    {478742600932,
     "P2: two requests had no lock on full servers, and a refused store hid that the other had "
     "stored"},
    {633942643798,
     "P3: a session expired before an older tombstone on a server that was marked down, and the "
     "next session had the same version"},
    {518635304364,
     "P5: the lease of a destroy was over, the full server with its tombstone refused the next "
     "store, and the other server took it"},
    {681138625702,
     "P2: a writer that had read the tombstone of a destroy without lock passed for a reader of "
     "our commit, because its version was the one after ours"},
    {196286204905,
     "P4: requests without lock had stored different values of one version and size, which passed "
     "for equal copies because the second value was not read"},
    {384662340555,
     "P8: a stand-in that the search did not list was not asked again, and the view of its reply "
     "had ended"},
    {384662392296,
     "P3: a server had failed and another was not searched, so a missing session was not proven"},
    {462506579136,
     "P3: the next tombstone of a destroy was older than the one that a silent server ran late"},
    {462509136735,
     "P3: a session expired before an older tombstone on a stand-in that was not searched"},
    {263075211229,
     "P3: a session was destroyed between the reads of its metadata and of its value, and its "
     "absence was not proven"},
    {1199366162531,
     "P5: a session was destroyed, destroyed again, and made anew, and a change of before was "
     "merged into it"},
    {1812918480914,
     "P5: a destroy that met the tombstone of another one counted no further incarnation, so a "
     "change of before was merged into the next session"},
    {1622679515728,
     "P3: a request that left the session as it was, and met a change of another one, did not "
     "extend its life"},
    {2000731068775,
     "P5: a destroy that met a tombstone two incarnations later kept its own, so a change of "
     "before was merged into the next session"},
    {1622679456557,
     "P5: a tombstone was lost that one server had, because its request was killed, and a change "
     "that was made over it was merged into the session after the next destroy"},
    {2000978197213, "P5: the same, behind a list that was changing"},
    {1248317332034,
     "P2: a session expired while a request waited for its lock, and session_reset() of the holder "
     "began it anew with the first incarnation"},
    {1248316879159,
     "P4: a tombstone that was brought to a server of the set passed for a destroy during the wait "
     "for the lock"},
    {1559476776195,
     "P5: two destroys at once met each other's tombstones again and again, and counted each as a "
     "destroy before, so the incarnation was the first one again"},
    {121756334591,
     "P2: two processes were killed one after the other when their commits were on one server, and "
     "the next commit, which was raised by 2, had the version of the second"},
    {1969922849297,
     "P2: a request read while another one destroyed, which removed the newer copy of two outside "
     "of its set before the older one was read"},
    {1227081825358,
     "P7: a destroy that could not lock, because all servers failed, asked them without lock, too"},
    {1227082094798, "P5: three destroys at once counted four incarnations"},
    // The checker was wrong in these.
    {805960962890,
     "bound of a call: a slow server whose connection was lost before it answered is asked again"},
    {805961110045,
     "P4: a request without lock read past a server marked down, which had a newer commit of a "
     "request that had died; its late store was refused"},
    {805961265765,
     "P4: a read-only request destroyed the session between the reads of two servers by the "
     "holder, whose commit was refused"},
    {805961800466,
     "P3: a tombstone of an earlier destroy passed for the copy of a later one that the server had "
     "refused, so that a second server was allowed to fail"},
    {294447242139, "P4: the pool changed while a server that joined it was cut off"},
    {889133014217,
     "P2: a server that was removed from one of two pools kept an item of another program, which "
     "has no version, and was read first by the other pool"},
    {861586033457,
     "P2: a server lost the lock of a request before the reply came, and another request had the "
     "session in between"},
    {7000333420,
     "P2: a request that was killed had committed on one server only, and that server was removed "
     "from one of two pools"},
    {250176274273,
     "P4: a request with the lock was refused because one without, of a time when the server was "
     "full, had stored first"},
    {633942583475,
     "P2: a full server refused a commit, and only one of two pools had the other copy"},
    {194078113231,
     "P2: a server that was silent when a commit was raised passed for one that has it, and another"
     " server was allowed to fail"},
    {681137441933,
     "P2: a session expired after 32,768 commits and began again, and a request that had it open "
     "destroyed it"},
    {462507882267,
     "P3: one copy of a session had expired and the other had not when a read began, and the "
     "session was stored again before the read ended"},
    {263076582313,
     "P4: two processes were killed while they stored values of one size, which have one version "
     "and pass for equal"},
    {2000000012568,
     "P2: a server that joined had missed a commit of those who did not know it, and was the only "
     "one left of the set"},
    {1559476297163,
     "P2: a request that waited for its late lock read a copy that outlived the newer one"},
    {1969922862145,
     "P5: a session expired while a request that merges had it open, and was begun, destroyed and "
     "begun again"},
    {1777318399233,
     "P4: a session expired, a request that merges found nothing, and the holder stored it anew"},
    {1226144571524,
     "P5: a destroy replaced the session that had begun over its tombstone, and counted one more "
     "incarnation"},
    {1226144810024,
     "P4: a request that merges could not bring a tombstone to another server, and did not open"},
    {1226145020941,
     "P3: a destroy took its own tombstone, the reply to which was lost, for that of another one, "
     "and left a higher one on that server"},
    {1226144661506,
     "P5: a destroy was killed, a request that merges could not bring its tombstone to the other "
     "server because of the lock, and the next destroy had the same incarnation"},
    {1226145135095, "P5: the same, and the lock was that of the next destroy"},
    {2420779254798,
     "P2: locks ended between the look of an overdue holder and its store, and a server took that "
     "store which the next holder did not know"},
    {711175835385,
     "P5: a destroy took a session that had begun over an equal tombstone of another destroy for "
     "one that followed its own"},
    {873055637313,
     "P3: a destroy that found its tombstone stored, although the reply was lost, gave a stand-in "
     "one of a higher version"},
    {893554351195,
     "P4: a destroy brought its tombstone to a server while a request that had read the tombstone "
     "elsewhere stored a new session, and that was refused although the next request had read it"},
    {1115976949444,
     "P5: a destroy that was refused by one server, and lost the other's reply, took an equal "
     "tombstone of another destroy for its own"},
    {893555350238,
     "P3: a request with two gaps died, and a destroy raised on one server what had come there of "
     "it, to the version of an acknowledged commit with two gaps"},
    {1803883327209,
     "P5: a destroy that outlived its lease and lost both connections took the equal tombstones of "
     "another destroy for its own, over which a session had begun"},
    {939755020157,
     "P2: a commit that was stored again beside a full server met a newer copy on a stand-in, from "
     "before its opening, and took its writer for a reader of ours"},
    {939754964702,
     "P1: requests side by side without locks left different versions, and the stand-ins were "
     "asked for newer ones"},
    {443957815165,
     "P4: a destroy brought its tombstone to a server while another request opened the session and "
     "stored it; such a request may be refused"},
    {902828293692,
     "P2: a late commit over a tombstone was on one server only, and the next request, which had "
     "not read it, stored over it there"},
    {176444118046,
     "P2: a newer copy on a new stand-in was stored over, because the members that took ours still "
     "showed it; they were full when the next request stored"},
    {525459186870,
     "P5: a destroy that saw no version, and met silent servers at its store, ranked below the "
     "late add of a request that saw none either, and was opened with a gap"},
    {525460731876, "P2: the same"},
    {810340231461,
     "P7: an extension with a gap had a higher version for a time, and waited for a lock"},
    {354140676767,
     "P3: that extension found another's lock, and did not touch the session: it expired"},
    {354140626560, "P3: the same with three copies"},
    {836299797446,
     "P5: a session that began after one destroy was stored while another destroy ran, which had "
     "read the session before both; it may stay"},
    {836301674538,
     "P1: a destroy brought its tombstone to a first choice beside the commit of a new session; "
     "its next reader needs one more phase"},
    {636578518098,
     "P3: a destroy that had seen no version left a tombstone on a server that hung, and lower "
     "ones on the others: it hid the session that followed"},
    {636580345351, "P2: the same"},
    {969893054311,
     "P2: a full server kept our commit, and refused that of the next request, which had read it; "
     "ours was stored above it"},
    {153494885059,
     "P5: two destroys that found no session left equal tombstones; a request that had read the "
     "first one, and so no session either, may store one"},
    {4658269896,
     "P2: an idle machine's mark kept a server out that was well again, and the other one of two "
     "had missed a commit"},
    {4658272740, "P3: the same, where the other server had refused the new session"},
    {637325976479, "P5: the same; the process that began to probe the server was killed"},
    {637325871771,
     "P2: a moved cas kept a part of a commit back, and the pool changed before its request ended"},
    {146110056516,
     "P7: a server whose mark was in doubt was asked in a phase, with little time, and once more "
     "in the next"},
    {146110102301, "P7: the same in two closing phases"},
    {729700440956,
     "P2: a process with an old probe took that for the one that its request was to wait for"},
};
const size_t kRecordedSeedCount = std::size(kRecordedSeeds);

}  // namespace memcache_session::sim
