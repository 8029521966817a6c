/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 8f5d07b4d243cdc07bdea198e0a6455e41126e77 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_memcache_session_status, 0, 0, MAY_BE_ARRAY|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, ask_servers, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_memcache_session_reset_status, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_memcache_session_inspect, 0, 1, MAY_BE_ARRAY|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, id, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_memcache_session_kill, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(memcache_session_status);
ZEND_FUNCTION(memcache_session_reset_status);
ZEND_FUNCTION(memcache_session_inspect);
ZEND_FUNCTION(memcache_session_kill);


static const zend_function_entry ext_functions[] = {
	ZEND_FE(memcache_session_status, arginfo_memcache_session_status)
	ZEND_FE(memcache_session_reset_status, arginfo_memcache_session_reset_status)
	ZEND_FE(memcache_session_inspect, arginfo_memcache_session_inspect)
	ZEND_FE(memcache_session_kill, arginfo_memcache_session_kill)
	ZEND_FE_END
};
