/* A test's stand-in for FrankenPHP's worker mode: serve_request(callable $handler): bool serves one
   request within the request of PHP that calls it. It makes the calls that FrankenPHP makes, in its
   order: PHP's hooks for the web server, and the request functions of the modules "filter" and
   "session" alone. end_first_request() ends the request of the script itself, as FrankenPHP does
   before it serves the first one. A handler that exits ends the whole request of PHP, without the
   end of its own. The module complains if a setting was changed after PHP had taken back all. */
#include "php.h"
#include "SAPI.h"
#include "php_main.h"
#include "php_output.h"
#include "zend_exceptions.h"

static const char *const modules[] = {"filter", "session"};

static void for_modules(bool begin)
{
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		zend_module_entry *module =
			zend_hash_str_find_ptr(&module_registry, modules[i], strlen(modules[i]));
		if (module == NULL) {
			continue;
		}
		if (begin && module->request_startup_func) {
			module->request_startup_func(module->type, module->module_number);
		} else if (!begin && module->request_shutdown_func) {
			module->request_shutdown_func(module->type, module->module_number);
		}
	}
}

static void end_request(void)
{
	php_output_end_all();
	for_modules(false);
	php_output_deactivate();
	SG(request_info).path_translated = NULL;
	sapi_deactivate();
}

static void begin_request(void)
{
	php_output_activate();
	PG(header_is_being_sent) = 0;
	PG(connection_status) = PHP_CONNECTION_NORMAL;
	sapi_activate();
	for_modules(true);
	SG(sapi_started) = 1;
}

PHP_FUNCTION(end_first_request)
{
	ZEND_PARSE_PARAMETERS_NONE();
	end_request();
}

PHP_FUNCTION(serve_request)
{
	zend_fcall_info call;
	zend_fcall_info_cache cache;
	zval result;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_FUNC(call, cache)
	ZEND_PARSE_PARAMETERS_END();
	begin_request();
	ZVAL_UNDEF(&result);
	call.retval = &result;
	zend_call_function(&call, &cache);
	if (EG(exception) != NULL && zend_is_unwind_exit(EG(exception))) {
		zend_bailout();
	}
	if (EG(exception) != NULL) {
		zend_exception_error(EG(exception), E_WARNING);
	}
	end_request();
	zval_ptr_dtor(&result);
	RETURN_TRUE;
}

ZEND_BEGIN_ARG_INFO_EX(arguments_of_serve_request, 0, 0, 1)
	ZEND_ARG_INFO(0, handler)
ZEND_END_ARG_INFO()
ZEND_BEGIN_ARG_INFO_EX(no_arguments, 0, 0, 0)
ZEND_END_ARG_INFO()

static const zend_function_entry functions[] = {
	PHP_FE(serve_request, arguments_of_serve_request)
	PHP_FE(end_first_request, no_arguments)
	PHP_FE_END
};

static PHP_MSHUTDOWN_FUNCTION(worker_mode)
{
	(void)type;
	(void)module_number;
	if (EG(modified_ini_directives) != NULL) {
		fputs("a setting was changed after the end of the request\n", stderr);
	}
	return SUCCESS;
}

zend_module_entry worker_mode_module_entry = {
	STANDARD_MODULE_HEADER, "worker_mode", functions, NULL, PHP_MSHUTDOWN(worker_mode), NULL, NULL,
	NULL, "0",
	STANDARD_MODULE_PROPERTIES
};

ZEND_GET_MODULE(worker_mode)
