# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the parts of virtual machines. Each part is made once and kept."""
