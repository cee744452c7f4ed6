// Fanlight's own patterns over bytes: what syntax trees of Python, JavaScript and Rust do not show.

rule shell_script_fetches_and_runs
{
    meta:
        title = "a shell script that fetches something and runs it"
        words = "What runs is decided by a server at that moment and not by the package that was checked."
        severity = "medium"
        confidence = "low"
    strings:
        $shell = /^#!\s?\/(usr\/)?bin\/(env )?(ba|z|da)?sh/
        $fetch = /(curl|wget) [^\n|]{1,200}\| ?(sudo )?(ba|z)?sh\b/
    condition:
        $shell at 0 and $fetch
}

rule shell_hands_over
{
    meta:
        title = "a shell that is handed to a server"
        words = "It connects to a server and lets whoever is there type commands on this machine."
        severity = "high"
        confidence = "medium"
    strings:
        $device = /(ba)?sh -i [>&0-9 ]{1,8}\/dev\/tcp\//
        $pipe = /mkfifo [^\n]{1,80};[^\n]{0,80}(nc|ncat) [^\n]{3,80}>\s?\S/
    condition:
        filesize < 1MB and any of them
}

rule powershell_hidden_download
{
    meta:
        title = "a hidden PowerShell that fetches and runs"
        words = "It opens no window, fetches a program from a server and runs it in memory."
        severity = "high"
        confidence = "medium"
    strings:
        $shell = "powershell" nocase
        $hidden = /-w(indowstyle)?\s+h(idden)?/ nocase
        $encoded = /-e(nc|ncodedcommand)\s+[A-Za-z0-9+\/=]{60}/ nocase
        $fetch = /(DownloadString|DownloadFile|Invoke-WebRequest|Net\.WebClient)/ nocase
        $run = /(Invoke-Expression|\bIEX\b|Start-Process)/ nocase
    condition:
        filesize < 1MB and $shell and (($hidden and ($encoded or $fetch)) or ($fetch and $run and $hidden))
}

rule packed_program_upx
{
    meta:
        title = "a compressed program"
        words = "The program unpacks itself while running, which hides what is in it from a scan."
        severity = "low"
        confidence = "medium"
    strings:
        $elf = { 7F 45 4C 46 }
        $windows = { 4D 5A }
        $upx = "UPX!"
    condition:
        ($elf at 0 or $windows at 0) and $upx
}

rule coin_miner
{
    meta:
        title = "mines digital money"
        words = "It uses the machine's power to earn money for somebody else."
        severity = "high"
        confidence = "medium"
    strings:
        $pool = /stratum\+(tcp|ssl):\/\/[a-z0-9.-]{4,60}:\d{2,5}/ nocase
        $worker = /(--donate-level|"donate-level"|xmrig|cryptonight|randomx)/ nocase
    condition:
        $pool and $worker
}
