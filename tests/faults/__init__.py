"""故障演练：让机器设法打破升级的承诺。The fault campaign: machines that try to break the promise."""
