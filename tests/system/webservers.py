"""Web servers other than php-fpm, which tests use like a node."""

import glob
import os
import subprocess

from farm import render_ini
from process import FarmError, Process, accepts, free_port, wait_until

MODULES = "/usr/lib/apache2/modules"


class WebServer:
    """A program that serves the farm's pages on a free port, with these or the farm's settings.

    processes: how many serve pages.
    """

    processes = None

    def __init__(self, farm, name, settings=None):
        self.name = name
        self.port = None
        self.folder = os.path.join(farm.folder, f"node-{name}")
        os.makedirs(self.folder)
        self.php_log_path = os.path.join(self.folder, "php.log")
        self._write("php.log", "")
        os.chmod(self.php_log_path, 0o666)
        self._write("php.ini", render_ini({**(settings or farm.settings),
                                            "error_log": self.php_log_path}))
        self._process = None
        for _ in range(10):
            self.port = free_port()
            self._process = Process(self.command(farm), os.path.join(self.folder, f"{name}.log"),
                                    {**farm.environment, "PHP_INI_SCAN_DIR": "",
                                     **self.environment()})
            try:
                wait_until(self._up, f"{name} listens")
                return
            except FarmError:
                self.stop()
        raise FarmError(f"{name} does not start")

    def command(self, farm):
        raise NotImplementedError

    def environment(self):
        return {}

    def php_log(self):
        with open(self.php_log_path, encoding="utf-8", errors="replace") as log:
            return log.read().splitlines()

    def stop(self):
        self._process.stop()

    def _up(self):
        if not self._process.running():
            raise FarmError(f"{self.name} ended at once")
        return accepts(self.port)

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Apache(WebServer):
    """Apache with mpm_prefork and mod_php, with a configuration of its own.

    admin: settings that only the configuration of Apache may set (php_admin_value).
    """

    def __init__(self, farm, workers, name="apache", settings=None, admin=None):
        self.processes = workers
        self._admin = admin or {}
        version = subprocess.run(
            [os.environ.get("PHP", "php"), "-n", "-r",
             "echo PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"],
            stdout=subprocess.PIPE, text=True, check=True).stdout
        found = glob.glob(f"{MODULES}/libphp{version}.so")
        if not found:
            raise FarmError(f"there is no {MODULES}/libphp{version}.so")
        self._php_module, = found
        super().__init__(farm, name, settings)

    def command(self, farm):
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        admin = "".join(f'php_admin_value {name} "{value}"\n'
                        for name, value in self._admin.items())
        conf = self._write("apache.conf", f"""{user}
ServerName 127.0.0.1
Listen 127.0.0.1:{self.port}
PidFile {self.folder}/apache.pid
ErrorLog {self.folder}/apache-error.log
DefaultRuntimeDir {self.folder}
Mutex pthread
LoadModule mpm_prefork_module {MODULES}/mod_mpm_prefork.so
LoadModule authz_core_module {MODULES}/mod_authz_core.so
LoadModule php_module {self._php_module}
PHPIniDir {self.folder}
StartServers {self.processes}
MinSpareServers {self.processes}
MaxRequestWorkers {self.processes}
KeepAlive Off
DocumentRoot {farm.pages}
<Directory {farm.pages}>
    AllowOverride Options
</Directory>
<FilesMatch "\\.php$">
    SetHandler application/x-httpd-php
</FilesMatch>
{admin}""")
        return ["apache2", "-d", self.folder, "-f", conf, "-D", "FOREGROUND"]


class PhpServer(WebServer):
    """PHP's own web server with several workers. The process that starts them serves, too."""

    def __init__(self, farm, workers):
        self._workers = workers
        self.processes = workers + 1
        super().__init__(farm, "php-S")

    def command(self, farm):
        return [os.environ.get("PHP", "php"), "-n", "-c", os.path.join(self.folder, "php.ini"),
                "-S", f"127.0.0.1:{self.port}", "-t", farm.pages]

    def environment(self):
        return {"PHP_CLI_SERVER_WORKERS": str(self._workers)}
