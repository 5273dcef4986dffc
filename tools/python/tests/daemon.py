"""The daemon that the tests call."""

import os
import unittest

from grmd.local import LocalGrmd


class DaemonTest(unittest.TestCase):
    """Tests on the grmd that GRMD_SOCKET names, or on one that is started once for them all."""

    local = None
    address = os.environ.get("GRMD_SOCKET")

    @classmethod
    def setUpClass(cls):
        if DaemonTest.address is None:
            DaemonTest.local = started()
            DaemonTest.address = str(DaemonTest.local.socket)
            unittest.addModuleCleanup(DaemonTest.end)

    @staticmethod
    def end():
        DaemonTest.local.close()
        DaemonTest.local = DaemonTest.address = None


def started(**settings):
    """A grmd on the model of the tests."""
    local = LocalGrmd(os.environ["GRMD_BIN"], settings=settings)
    try:
        local.control("import", os.environ["GRMD_MODEL"], "--name", "default")
        local.control("activate", "default", "--offline")
        local.start()
    except BaseException:
        local.close()
        raise
    return local
