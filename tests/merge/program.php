<?php
// The program of merge_cases.cpp, spoken to as the head of that file says.

final class MergeCases
{
    private $process;
    private array $pipes = [];

    public function __construct(string $program)
    {
        $ends = [['pipe', 'r'], ['pipe', 'w'], STDERR];
        $this->process = proc_open([$program], $ends, $this->pipes);
        if (!is_resource($this->process)) {
            fail("$program does not run");
        }
    }

    /** The answers to cases [base, ours, theirs, takes_last]. */
    public function answers(array $cases, string $handler): array
    {
        $batch = pack('V', count($cases));
        foreach ($cases as [$base, $ours, $theirs, $takes_last]) {
            $lengths = [strlen($base), strlen($ours), strlen($theirs)];
            $choices = [(int) ($handler === 'php_serialize'), (int) $takes_last];
            $head = pack('V5', ...$choices, ...$lengths);
            $batch .= $head . $base . $ours . $theirs;
        }
        fwrite($this->pipes[0], $batch);
        return array_map(fn () => $this->answer(), $cases);
    }

    /** Whether the program ends well when its input does. */
    public function close(): bool
    {
        fclose($this->pipes[0]);
        return proc_close($this->process) === 0;
    }

    private function answer(): array
    {
        [$is_merged, $obstacle, $conflicts, $paths, $length] = $this->numbers(5);
        $text = $this->bytes($length);
        $named = [];
        while ($paths-- > 0) {
            $named[] = $this->bytes($this->numbers(1)[0]);
        }
        return [
            'is_merged' => $is_merged === 1,
            'obstacle' => $obstacle,
            'conflicts' => $conflicts,
            'paths' => $named,
            'text' => $text,
        ];
    }

    private function numbers(int $count): array
    {
        return array_values(unpack("V$count", $this->bytes(4 * $count)));
    }

    private function bytes(int $length): string
    {
        $bytes = $length === 0 ? '' : stream_get_contents($this->pipes[1], $length);
        if ($bytes === false || strlen($bytes) !== $length) {
            fail('the program ends before it has answered');
        }
        return $bytes;
    }
}

function fail(string $message): never
{
    fwrite(STDOUT, "$message\n0 passed, 1 failed\n");
    exit(1);
}
