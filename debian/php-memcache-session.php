mod debian/build/modules/memcache_session.so
mod debian/memcache_session.ini
