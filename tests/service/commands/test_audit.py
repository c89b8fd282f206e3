"""`pdca audit` and `pdca export`: the gate is the same for whoever types."""

from service import main
from tests.support.audit_cast import audit, company, team


def test_the_command_line_goes_through_the_gate(home, monkeypatch, capsys):
    company()
    code = audit()
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_LANGUAGE", "zh")
    assert main.run(["audit", "team", code, "--lead", "zhao", "--auditor", "sun"]) == 1
    assert "属于受审核部门" in capsys.readouterr().err
    assert team(code) == {}
    assert main.run(["audit", "team", code, "--lead", "zhao", "--auditor", "he"]) == 0
    assert main.run(["audit", "why", code]) == 0
    assert "独立且合格" in capsys.readouterr().out
    assert main.run(["list", "audits", "--json"]) == 0
    assert main.run(["export", "audit-procedure"]) == 0
    assert "内部审核程序" in capsys.readouterr().out
