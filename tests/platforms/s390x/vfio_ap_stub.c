// SPDX-License-Identifier: GPL-2.0
// The functions of kvm that vfio_ap calls. No virtual machine uses the devices
// here.
#include <linux/kvm_host.h>
#include <asm/kvm.h>

int kvm_s390_gisc_register(struct kvm *kvm, u32 gisc) { return 0; }
int kvm_s390_gisc_unregister(struct kvm *kvm, u32 gisc) { return 0; }
void kvm_put_kvm(struct kvm *kvm) {}
void kvm_get_kvm(struct kvm *kvm) {}
unsigned long gfn_to_hva(struct kvm *kvm, gfn_t gfn) { return 0; }
void kvm_arch_crypto_set_masks(struct kvm *kvm, unsigned long *apm,
			       unsigned long *aqm, unsigned long *adm) {}
void kvm_arch_crypto_clear_masks(struct kvm *kvm) {}
bool kvm_s390_pv_cpu_is_protected(struct kvm_vcpu *vcpu) { return 0; }
