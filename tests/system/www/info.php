<?php
// Prints the extension's part of phpinfo() without HTML: one row a line, cells joined by ": ".
header('Content-Type: text/plain');
ob_start();
(new ReflectionExtension('memcache_session'))->info();
$html = str_replace('<table', "\n<table", ob_get_clean());
$html = preg_replace('#\s*</t[dh]>\s*<t[dh][^>]*>\s*#', ': ', $html);
echo preg_replace(['/ => /', '/[ \t]+$/m'], [': ', ''], html_entity_decode(strip_tags($html)));
