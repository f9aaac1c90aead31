# SPDX-License-Identifier: LGPL-2.1-or-later
"""What virtual machines are made of; each part is made once and kept."""
